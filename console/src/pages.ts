/** Lists of the client's: one page, or all of them. */

import type { Paged, Pages } from "laurels";

/** The page behind a cursor; the first one without. */
export async function pageOf<Answer extends Paged, Item>(
  pages: Pages<Answer, Item>,
  after: string | undefined,
): Promise<Answer> {
  return (await pages.pages(after).next()).value as Answer;
}

/** The items of all pages, for lists that are short in most projects, such as those of definitions. */
export async function allOf<Item>(pages: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const each of pages) all.push(each);
  return all;
}

/** One page of a list of the client's. */

import type { Paged, Pages } from "laurels";

/** The page behind a cursor; the first one without. */
export async function pageOf<Answer extends Paged, Item>(
  pages: Pages<Answer, Item>,
  after: string | undefined,
): Promise<Answer> {
  return (await pages.pages(after).next()).value as Answer;
}

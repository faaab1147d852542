/**
 * Lists in pages: loop over all items, or read single pages.
 *
 * A loop continues after the last row of the previous page, by its cursor. So it neither skips nor repeats items when
 * rows are added or removed, and it may itself remove items from the list.
 */

/** The common fields of all list responses. */
export interface Paged {
  total: number;
  page: number;
  page_size: number;
  next_cursor: string | null;
}

/** The query parameters that select a page. */
export interface PageParameters {
  page?: number;
  after?: string | undefined;
}

/** A list of the API. No request is sent before you read a page or an item. */
export class Pages<Result extends Paged, Item> implements AsyncIterable<Item> {
  constructor(
    private readonly fetchPage: (parameters: PageParameters) => Promise<Result>,
    private readonly items: (response: Result) => Item[],
  ) {}

  /** One page, with `total`. Added or removed rows shift later pages. */
  page(number = 1): Promise<Result> {
    return this.fetchPage({ page: number });
  }

  /** All pages, beginning with the first one, or after the page with this `next_cursor`. */
  async *pages(after?: string): AsyncGenerator<Result, void, undefined> {
    let response = await this.fetchPage({ after });
    yield response;
    while (response.next_cursor !== null) {
      response = await this.fetchPage({ after: response.next_cursor });
      yield response;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const response of this.pages()) yield* this.items(response);
  }
}

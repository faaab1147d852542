/**
 * Lists that come in pages: loop over all that is in them, or take a page at a time.
 *
 * A loop reads on after the last row of the page before, by its cursor: no item is skipped or repeated while others
 * come and go, and what the loop does with an item may take it out of the list.
 */

/** What the answers of such lists have in common. */
export interface Paged {
  total: number;
  page: number;
  page_size: number;
  next_cursor: string | null;
}

/** The parameters that say which page. */
export interface Which {
  page?: number;
  after?: string | undefined;
}

/** Nothing is asked for until you do. */
export class Pages<Answer extends Paged, Item> implements AsyncIterable<Item> {
  constructor(
    private readonly fetchPage: (which: Which) => Promise<Answer>,
    private readonly items: (answer: Answer) => Item[],
  ) {}

  /** One page as the server answers it, with `total`. Rows that come or go shift the pages behind them. */
  page(number = 1): Promise<Answer> {
    return this.fetchPage({ page: number });
  }

  /** Page after page: from the first one, or those that follow the page with this `next_cursor`. */
  async *pages(after?: string): AsyncGenerator<Answer, void, undefined> {
    let answer = await this.fetchPage({ after });
    yield answer;
    while (answer.next_cursor !== null) {
      answer = await this.fetchPage({ after: answer.next_cursor });
      yield answer;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const answer of this.pages()) yield* this.items(answer);
  }
}

/** Lists that come in pages: loop over all that is in them, or take a page at a time. */

/** What the answers of such lists have in common. */
export interface Paged {
  total: number;
  page: number;
  page_size: number;
}

/** Nothing is asked for until you do. A list that changes meanwhile can show an item twice, or miss one. */
export class Pages<Answer extends Paged, Item> implements AsyncIterable<Item> {
  constructor(
    private readonly fetchPage: (number: number) => Promise<Answer>,
    private readonly items: (answer: Answer) => Item[],
  ) {}

  /** One page as the server answers it, with `total`. */
  page(number = 1): Promise<Answer> {
    return this.fetchPage(number);
  }

  /** Page after page. */
  async *pages(): AsyncGenerator<Answer, void, undefined> {
    let answer = await this.fetchPage(1);
    yield answer;
    while (this.items(answer).length > 0 && answer.page * answer.page_size < answer.total) {
      answer = await this.fetchPage(answer.page + 1);
      yield answer;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const answer of this.pages()) yield* this.items(answer);
  }
}

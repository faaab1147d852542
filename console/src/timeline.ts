/** Two lists, each newest first and read page by page, as one. */

import type { EventShown, TransactionAnswer } from "laurels";

export type Entry =
  | { kind: "transaction"; id: string; at: string; transaction: TransactionAnswer }
  | { kind: "event"; id: string; at: string; event: EventShown };

export interface Loaded {
  transactions: TransactionAnswer[];
  events: EventShown[];
  /** Null when there is no more. */
  moreTransactions: string | null;
  moreEvents: string | null;
}

/**
 * The entries newest first, as far back as both lists are known: an entry that is older than the last one of a list
 * with more to come would have gaps before it.
 */
export function merged(loaded: Loaded): Entry[] {
  const entries: Entry[] = [
    ...loaded.transactions.map((each): Entry => ({ kind: "transaction", id: each.id, at: each.created_at, transaction: each })),
    ...loaded.events.map((each): Entry => ({ kind: "event", id: each.id, at: each.occurred_at, event: each })),
  ];
  const known = Math.max(
    bound(loaded.transactions.map((each) => each.created_at), loaded.moreTransactions),
    bound(loaded.events.map((each) => each.occurred_at), loaded.moreEvents),
  );
  return entries
    .filter((each) => time(each.at) >= known)
    .sort((one, other) => time(other.at) - time(one.at) || (one.id < other.id ? 1 : -1));
}

/** The points that were reversed, by the id of the transaction. Reversals are newer, so that they are read before it. */
export function reversedOf(transactions: TransactionAnswer[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { reverses, amount } of transactions) if (reverses) sums.set(reverses, (sums.get(reverses) ?? 0) + amount);
  return sums;
}

function bound(times: string[], more: string | null): number {
  return more === null || times.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...times.map(time));
}

function time(moment: string): number {
  return new Date(moment).getTime();
}

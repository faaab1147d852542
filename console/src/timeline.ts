/** The history of a person: its parts, and the sums over its entries. */

import type { HistoryFact, LostStreak } from "laurels";

const points = [
  "points_awarded",
  "points_deducted",
  "points_expired",
  "points_held",
  "hold_captured",
  "hold_released",
  "award_reversed",
  "deduct_reversed",
];
const claims = ["reward_claimed", "claim_fulfilled", "claim_cancelled"];

/** The kinds of facts of each part. The steps of challenges are in *Why?* of their events. */
export const parts = {
  points: { label: "Points", kinds: [...points, "reward_claimed", "claim_cancelled"] },
  events: { label: "Events", kinds: ["event_recorded", "event_forgotten"] },
  badges: { label: "Badges and tiers", kinds: ["badge_earned", "badge_revoked", "tier_reached", "tier_assigned"] },
  streaks: { label: "Streaks", kinds: ["streak_recorded"] },
  challenges: {
    label: "Challenges",
    kinds: ["challenge_joined", "challenge_left", "milestone_reached", "challenge_completed"],
  },
  claims: { label: "Claims", kinds: claims },
} as const;

export type Part = keyof typeof parts;

export function kindsOf(part: Part | "all"): string {
  const all: readonly string[] = part === "all" ? Object.values(parts).flatMap((each) => [...each.kinds]) : parts[part].kinds;
  return [...new Set(all)].join(",");
}

export type Entry =
  | { kind: "fact"; id: string; at: string; fact: HistoryFact }
  | { kind: "lost"; id: string; at: string; lost: LostStreak };

/**
 * The facts and the lost streaks as one list, newest first. A loss is no fact: it follows from the records and the
 * time. Losses before the last fact are left out while there are more facts to come, as they would be in gaps.
 */
export function withLosses(facts: HistoryFact[], losses: LostStreak[], hasMore: boolean): Entry[] {
  const last = facts.at(-1);
  const known = hasMore && last ? time(last.at) : Number.NEGATIVE_INFINITY;
  const entries: Entry[] = losses
    .filter((lost) => time(lost.lost_at) >= known)
    .map((lost) => ({ kind: "lost", id: `${lost.code} ${lost.lost_at}`, at: lost.lost_at, lost }));
  for (const fact of facts) entries.push({ kind: "fact", id: fact.fact_id, at: fact.at, fact });
  // The sort is stable, and the facts are in order.
  return entries.sort((one, other) => time(other.at) - time(one.at));
}

const moving = new Set([...points, "reward_claimed", "claim_cancelled"]);

/** A fact of which the history shows points and balance. A claim without a price moves none. */
export function movesPoints(fact: HistoryFact): boolean {
  return moving.has(fact.kind) && (claims.includes(fact.kind) ? amountOf(fact) > 0 : true);
}

export function amountOf(fact: HistoryFact): number {
  return typeof fact.data["amount"] === "number" ? fact.data["amount"] : 0;
}

/** The points that were reversed, by the id of the transaction. Reversals are newer, so that they are read before it. */
export function reversedOf(facts: HistoryFact[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const fact of facts) {
    const reversed = fact.data["transaction_id"];
    if (typeof reversed === "string") sums.set(reversed, (sums.get(reversed) ?? 0) + amountOf(fact));
  }
  return sums;
}

/**
 * The ids of the facts whose balance fits to the entries around them. The list has the order in which things happened,
 * the balances the order in which they were recorded: a late entry separates the two.
 */
export function fittingBalances(facts: HistoryFact[]): Set<string> {
  const moves = facts.filter(movesPoints);
  const fitting = new Set<string>();
  const newestBelow: number[] = [];
  for (let at = moves.length - 1, newest = -1; at >= 0; at -= 1) {
    newestBelow[at] = newest;
    newest = Math.max(newest, moves[at]?.sequence ?? -1);
  }
  let oldestAbove = Number.POSITIVE_INFINITY;
  for (const [at, fact] of moves.entries()) {
    if (fact.sequence < oldestAbove && fact.sequence > (newestBelow[at] ?? -1)) fitting.add(fact.fact_id);
    oldestAbove = Math.min(oldestAbove, fact.sequence);
  }
  return fitting;
}

const lateMs = 60_000;

/** Whether the server heard of it later than it happened. */
export function isLate(fact: HistoryFact): boolean {
  return time(fact.recorded_at) - time(fact.at) >= lateMs;
}

function time(moment: string): number {
  return new Date(moment).getTime();
}

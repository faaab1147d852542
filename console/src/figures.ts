/** Statistics as people read them: labels, comparisons and dates. */

import type { StatisticShown } from "laurels";

import { number, words } from "./text";

// In the order in which they are shown.
const labels: Record<string, string> = {
  active_participants: "Active people",
  new_participants: "New people",
  events: "Events",
  points_issued: "Points issued",
  points_spent: "Points spent",
  points_expired: "Points expired",
  points_outstanding: "Points outstanding",
  badges_earned: "Badges earned",
  badges_revoked: "Badges taken away",
  tier_changes: "Tier changes",
  challenges_joined: "Challenges joined",
  challenges_completed: "Challenges completed",
  streak_records: "Streak periods kept",
  streaks_alive: "Streaks alive",
  streaks_lost: "Streaks lost",
  claims: "Claims",
  claims_fulfilled: "Claims fulfilled",
  claims_cancelled: "Claims cancelled",
};

/** Statistics whose number of a day is the state at its end, and not a sum. */
export const levels: ReadonlySet<string> = new Set(["points_outstanding", "streaks_alive"]);

export function labelOf(statistic: StatisticShown): string {
  return labels[statistic.name] ?? words(statistic.name);
}

/** The label of the number of a period. */
export function labelOfPeriod(statistic: StatisticShown): string {
  return statistic.name === "active_participants" ? `${labelOf(statistic)}, average per day` : labelOf(statistic);
}

const notes: Record<string, string> = {
  active_participants: "People with an event, points, a streak record, a claim or a challenge on the day.",
  points_issued: "Without the points that were reversed.",
  points_spent: "Without the points that were given back: by a reversal, or because a claim was cancelled.",
  streaks_lost: "Streaks whose deadline passed on the day. A run that was recorded only after its deadline is not counted.",
};

/** What a statistic counts, where its label does not say it. */
export function noteOf(statistic: StatisticShown): string | undefined {
  return notes[statistic.name];
}

/** Statistics without a label, of other mechanics, come last. */
export function inOrder(statistics: StatisticShown[]): StatisticShown[] {
  const names = Object.keys(labels);
  const place = (one: StatisticShown) => (names.indexOf(one.name) + 1 || names.length + 1);
  return [...statistics].sort((one, other) => place(one) - place(other));
}

/** The number of a period. People who are active on several days are counted on each, so that only a mean has a meaning. */
export function ofPeriod(statistic: StatisticShown, sum: number): number {
  return statistic.name === "active_participants" ? Math.round(sum / Math.max(1, statistic.by_day.length)) : sum;
}

export interface Comparison {
  text: string;
  direction: "up" | "down" | "same";
}

/** `+12 %` of the period before. */
export function compared(total: number, before: number): Comparison {
  if (total === before) return { text: "no change", direction: "same" };
  const direction = total > before ? "up" : "down";
  if (before <= 0) return { text: `before: ${number(before)}`, direction };
  const percent = Math.round(((total - before) / before) * 100);
  if (percent === 0) return { text: "no change", direction: "same" };
  return { text: `${percent > 0 ? "+" : "−"}${number(Math.abs(percent))} %`, direction };
}

const dayStyle = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** `2026-03-01` as `1 Mar`. */
export function dayText(day: string): string {
  return dayStyle.format(new Date(`${day}T00:00:00Z`));
}

/** The day so many days later. */
export function dayAfter(day: string, days: number): string {
  return new Date(new Date(`${day}T00:00:00Z`).getTime() + days * 86_400_000).toISOString().slice(0, 10);
}

/** A round number at or above the greatest value, for the top of a chart. */
export function topOf(values: number[]): number {
  const most = Math.max(1, ...values);
  const size = 10 ** Math.floor(Math.log10(most));
  for (const factor of [1, 2, 2.5, 5, 10]) {
    if (size * factor >= most && Number.isInteger(size * factor)) return size * factor;
  }
  return most;
}

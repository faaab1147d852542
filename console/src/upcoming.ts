/** The moments at which something happens in a project by time alone. */

import type { LiabilityAnswer } from "laurels";

import type { Definition } from "./definitions/kinds";
import { number } from "./text";

export interface Moment {
  /** A time, or a month such as 2026-12. */
  at: string;
  isMonth: boolean;
  what: string;
}

const most = 8;

/** The next moments after `now`, the earliest first. */
export function upcoming(definitions: Record<string, Definition[]>, liability: LiabilityAnswer, now: string): Moment[] {
  const moments: Moment[] = [];
  for (const [section, all] of Object.entries(definitions)) {
    const one = section.replaceAll("_", " ").replace(/s$/, "");
    for (const each of all.filter((definition) => definition.is_active)) {
      for (const [field, verb] of [["starts_at", "begins"], ["ends_at", "ends"]] as const) {
        const at = each[field];
        if (typeof at === "string" && new Date(at) > new Date(now)) {
          moments.push({ at, isMonth: false, what: `The ${one} ${each.name} ${verb}` });
        }
      }
    }
  }
  for (const { month, points } of liability.by_expiry_month) {
    if (month !== null && points > 0) moments.push({ at: month, isMonth: true, what: `${number(points)} points expire` });
  }
  return moments.sort((one, other) => (one.at < other.at ? -1 : 1)).slice(0, most);
}

/** Which definitions a definition uses, by the fields that hold codes. */

import type { Definition } from "./kinds";

const sections: Record<string, string> = {
  badge_code: "badges",
  required_badges: "badges",
  tier_code: "tiers",
  required_tier: "tiers",
  streak_code: "streaks",
  challenge_code: "challenges",
  reward_code: "rewards",
  rule_code: "rules",
  leaderboard_code: "leaderboards",
};

export interface Reference {
  section: string;
  code: string;
}

/** The definitions that `value` names, each once. */
export function uses(value: unknown): Reference[] {
  const found = new Map<string, Reference>();
  const note = (section: string, code: unknown) => {
    if (typeof code === "string" && code !== "") found.set(`${section} ${code}`, { section, code });
  };
  const walk = (part: unknown): void => {
    if (Array.isArray(part)) part.forEach(walk);
    else if (typeof part === "object" && part !== null) {
      for (const [name, inside] of Object.entries(part)) {
        const section = sections[name];
        if (section === undefined) walk(inside);
        else if (Array.isArray(inside)) inside.forEach((code) => note(section, code));
        else note(section, inside);
      }
    }
  };
  walk(value);
  return [...found.values()];
}

/** The definitions that name this one. */
export function usedBy(all: Record<string, Definition[]>, section: string, code: string): Reference[] {
  return Object.entries(all).flatMap(([from, definitions]) =>
    definitions
      .filter((each) => uses(each).some((reference) => reference.section === section && reference.code === code))
      .map((each) => ({ section: from, code: each.code })),
  );
}

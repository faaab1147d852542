/** The kinds of definitions, and the calls of each. */

import type { Laurels, Paged, Pages } from "laurels";

/** A definition as a response shows it. */
export type Definition = Record<string, unknown> & {
  id: string;
  code: string;
  name: string;
  is_active: boolean;
  updated_at: string;
  deleted_at: string | null;
};
export type Draft = Record<string, unknown>;

interface Listed {
  page_size?: number;
  is_deleted?: boolean;
}

export interface Kind {
  /** In addresses, and of the section in a definitions file. */
  name: string;
  label: string;
  one: string;
  /** The component of the OpenAPI document that describes it. */
  schema: string;
  isSimulated: boolean;
  /** Whether expressions are checked before they are saved: those of boards have other variables. */
  isChecked: boolean;
  /** Its times are of the real clock, also in test projects. */
  hasRealTimes: boolean;
  /** The page that lists them. */
  place: string[];
  /** What follows when one is created or changed. */
  effect: string;
  list(client: Laurels, query: Listed): Pages<Paged & { items: Definition[] }, Definition>;
  create(client: Laurels, draft: Draft): Promise<Definition>;
  update(client: Laurels, id: string, draft: Draft): Promise<Definition>;
  remove(client: Laurels, id: string): Promise<Definition>;
  restore(client: Laurels, id: string): Promise<Definition>;
}

// The methods of all kinds are alike, but for the types of their bodies.
type Listing = (query: Listed) => Pages<Paged & { items: Definition[] }, Definition>;
type ById = (id: string) => Promise<Definition>;

const counts = "Counts from now on, on all servers. The past stays as it is";

function kind(name: string, label: string, one: string, plural: string, single: string, more: Partial<Kind> = {}): Kind {
  const method = (client: Laurels, called: string) => {
    const found = (client as unknown as Record<string, unknown>)[called];
    return (found as (...values: unknown[]) => unknown).bind(client);
  };
  return {
    name,
    label,
    one,
    schema: `${single}Definition`,
    isSimulated: true,
    isChecked: true,
    hasRealTimes: false,
    place: ["definitions", name],
    effect: `${counts}.`,
    list: (client, query) => (method(client, `list${plural}`) as Listing)(query),
    create: (client, draft) => method(client, `create${single}`)(draft) as Promise<Definition>,
    update: (client, id, draft) => method(client, `update${single}`)(id, draft) as Promise<Definition>,
    remove: (client, id) => (method(client, `delete${single}`) as ById)(id),
    restore: (client, id) => (method(client, `restore${single}`) as ById)(id),
    ...more,
  };
}

const reached = `${counts}; people who have reached it already are given it.`;

/** The kinds that play a part in the programme. */
export const kinds: Kind[] = [
  kind("rules", "Rules", "rule", "Rules", "Rule"),
  kind("challenges", "Challenges", "challenge", "Challenges", "Challenge"),
  kind("badges", "Badges", "badge", "Badges", "Badge", { effect: reached }),
  kind("tiers", "Tiers", "tier", "Tiers", "Tier", { effect: reached }),
  kind("streaks", "Streaks", "streak", "Streaks", "Streak"),
  kind("rewards", "Rewards", "reward", "Rewards", "Reward"),
  kind("earning_caps", "Earning caps", "earning cap", "EarningCaps", "EarningCap"),
  kind("leaderboards", "Boards", "board", "Leaderboards", "Leaderboard", {
    isSimulated: false,
    isChecked: false,
    effect: `${counts}; a board with another metric is filled from history.`,
  }),
];

/** Webhooks are not copied with a programme: the receivers of a test project are not those of a live one. */
export const webhooks = kind("webhooks", "Webhooks", "webhook", "Webhooks", "Webhook", {
  isSimulated: false,
  hasRealTimes: true,
  place: ["webhooks"],
  effect: "Holds for the events of all requests after this one.",
});

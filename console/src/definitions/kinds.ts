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
  list(client: Laurels, query: Listed): Pages<Paged & { items: Definition[] }, Definition>;
  create(client: Laurels, draft: Draft): Promise<Definition>;
  update(client: Laurels, id: string, draft: Draft): Promise<Definition>;
  remove(client: Laurels, id: string): Promise<Definition>;
  restore(client: Laurels, id: string): Promise<Definition>;
}

// The methods of all kinds are alike, but for the types of their bodies.
type Listing = (query: Listed) => Pages<Paged & { items: Definition[] }, Definition>;
type ById = (id: string) => Promise<Definition>;

function kind(name: string, label: string, one: string, plural: string, single: string, isSimulated = true): Kind {
  const method = (client: Laurels, called: string) => {
    const found = (client as unknown as Record<string, unknown>)[called];
    return (found as (...values: unknown[]) => unknown).bind(client);
  };
  return {
    name,
    label,
    one,
    schema: `${single}Definition`,
    isSimulated,
    list: (client, query) => (method(client, `list${plural}`) as Listing)(query),
    create: (client, draft) => method(client, `create${single}`)(draft) as Promise<Definition>,
    update: (client, id, draft) => method(client, `update${single}`)(id, draft) as Promise<Definition>,
    remove: (client, id) => (method(client, `delete${single}`) as ById)(id),
    restore: (client, id) => (method(client, `restore${single}`) as ById)(id),
  };
}

export const kinds: Kind[] = [
  kind("rules", "Rules", "rule", "Rules", "Rule"),
  kind("challenges", "Challenges", "challenge", "Challenges", "Challenge"),
  kind("badges", "Badges", "badge", "Badges", "Badge"),
  kind("tiers", "Tiers", "tier", "Tiers", "Tier"),
  kind("streaks", "Streaks", "streak", "Streaks", "Streak"),
  kind("rewards", "Rewards", "reward", "Rewards", "Reward"),
  kind("earning_caps", "Earning caps", "earning cap", "EarningCaps", "EarningCap"),
  kind("leaderboards", "Boards", "board", "Leaderboards", "Leaderboard", false),
];

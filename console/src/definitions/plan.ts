/** A plan: what has to be created and changed, so that a project has the definitions of a file. */

import type { Laurels } from "laurels";

import { allOf } from "../pages";
import { type Definition, type Draft, type Kind, kinds } from "./kinds";
import { asWritten, differences } from "./schema";

/** The definitions of a file by section, such as `rules`. */
export type DefinitionsFile = Record<string, Draft[]>;

export interface Step {
  kind: Kind;
  code: string;
  name: string;
  draft: Draft;
  live: Definition | undefined;
  changes: ReturnType<typeof differences>;
}

// A kind comes before the kinds that refer to it.
const order = ["tiers", "badges", "streaks", "leaderboards", "rewards", "challenges", "rules", "earning_caps"];

export function kindsInOrder(): Kind[] {
  return [...kinds].sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
}

export async function readDefinitions(client: Laurels): Promise<Record<string, Definition[]>> {
  const found: Record<string, Definition[]> = {};
  for (const kind of kinds) found[kind.name] = await allOf(kind.list(client, { page_size: 100 }));
  return found;
}

export function fileOf(definitions: Record<string, Definition[]>): DefinitionsFile {
  const sections = kindsInOrder().map((kind) => [kind.name, (definitions[kind.name] ?? []).map(asWritten)] as const);
  return Object.fromEntries(sections.filter(([, drafts]) => drafts.length > 0));
}

/** The steps that are left, in an order in which references exist. Definitions that the file lacks stay as they are. */
export function planned(file: DefinitionsFile, present: Record<string, Definition[]>): Step[] {
  return kindsInOrder().flatMap((kind) =>
    (file[kind.name] ?? []).flatMap((draft) => {
      const code = String(draft["code"]);
      const live = present[kind.name]?.find((each) => each.code === code);
      const before: Draft = {};
      for (const name of Object.keys(draft)) if (live && name in live) before[name] = live[name];
      const changes = differences(live ? before : {}, draft);
      return live && changes.length === 0 ? [] : [{ kind, code, name: String(draft["name"] ?? code), draft, live, changes }];
    }),
  );
}

export async function take(client: Laurels, step: Step): Promise<void> {
  if (step.live) await step.kind.update(client, step.live.id, step.draft);
  else await step.kind.create(client, step.draft);
}

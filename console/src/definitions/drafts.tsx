/** Drafts that are not applied yet. They are kept when the page is left, until the tab is closed or somebody signs out. */

import { session } from "../api";
import { signal, useSignal } from "../signals";
import type { Draft, Kind } from "./kinds";
import { differences } from "./schema";

interface Kept {
  /** The definition as it was when the draft was begun. */
  first: Draft;
  draft: Draft;
}

export const drafts = signal<ReadonlyMap<string, Kept>>(new Map());

function ownPart(): string {
  const signedIn = session.get();
  return `${signedIn?.project.code} ${signedIn?.key_id} `;
}

/** The name of a draft: of one project and one key. `code` is that of the definition, or empty for a new one. */
export function draftName(kind: Kind, code: string): string {
  return `${ownPart()}${kind.name} ${code}`;
}

export function keepDraft(name: string, kept: Kept): void {
  drafts.set(new Map(drafts.get()).set(name, kept));
}

export function dropDraft(name: string): void {
  drafts.set(new Map([...drafts.get()].filter(([each]) => each !== name)));
}

/** The changes of a kept draft, made to the definition as it is now. */
export function resumed(kept: Kept, first: Draft): Draft {
  return { ...first, ...Object.fromEntries(differences(kept.first, kept.draft).map((each) => [each.name, each.after])) };
}

/** Those of the present session. Called before it ends, and the result after it. */
export function draftsToForget(): () => void {
  const own = ownPart();
  return () => drafts.set(new Map([...drafts.get()].filter(([name]) => !name.startsWith(own))));
}

// A tab that is closed or loaded anew loses them: the browser asks.
addEventListener("beforeunload", (event) => {
  if ([...drafts.get().keys()].some((name) => name.startsWith(ownPart()))) event.preventDefault();
});

/** Beside a definition that has a kept draft. */
export function DraftTag(props: { kind: Kind; code: string }) {
  return useSignal(drafts).has(draftName(props.kind, props.code)) ? <span class="tag warn">draft</span> : null;
}

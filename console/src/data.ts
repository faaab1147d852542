/** Responses by their names: shared by all parts of a page, shown at once when they are there, and read anew. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

interface Kept {
  data?: unknown;
  error?: unknown;
  reading?: Promise<void> | undefined;
  listeners: Set<() => void>;
}

const all = new Map<string, Kept>();

export interface Read<Data> {
  /** Undefined until it was read once. */
  data: Data | undefined;
  /** Of the last time that it was read; what was read before stays. */
  error: unknown;
  isReading: boolean;
  again(): void;
}

function kept(name: string): Kept {
  let found = all.get(name);
  if (!found) all.set(name, (found = { listeners: new Set() }));
  return found;
}

function tell(one: Kept): void {
  for (const listener of [...one.listeners]) listener();
}

function read(name: string, load: () => Promise<unknown>): Promise<void> {
  const one = kept(name);
  one.reading ??= load()
    .then(
      (data) => {
        one.data = data;
        one.error = undefined;
      },
      (error: unknown) => {
        one.error = error;
      },
    )
    .finally(() => {
      one.reading = undefined;
      tell(one);
    });
  tell(one);
  return one.reading;
}

/** What `load` brings, under a name that says all that it depends on. */
export function useRead<Data>(name: string, load: () => Promise<Data>): Read<Data> {
  const [, draw] = useState({});
  const latest = useRef(load);
  latest.current = load;
  const again = useCallback(() => void read(name, () => latest.current()), [name]);
  useEffect(() => {
    const one = kept(name);
    const listener = () => draw({});
    one.listeners.add(listener);
    again();
    return () => one.listeners.delete(listener);
  }, [name, again]);
  const one = kept(name);
  return { data: one.data as Data | undefined, error: one.error, isReading: one.reading !== undefined, again };
}

const changes = new Set<() => void>();

/** After a change: all that is on the page is read anew, the rest forgotten. */
export function changed(): void {
  for (const [name, one] of all) if (one.listeners.size === 0) all.delete(name);
  for (const listener of [...changes]) listener();
}

/** Calls `listener` after each change. */
export function useChanges(listener: () => void): void {
  useEffect(() => {
    changes.add(listener);
    return () => {
      changes.delete(listener);
    };
  }, [listener]);
}

/** Nothing of one person's session is shown to the next. */
export function forget(): void {
  all.clear();
}

/** A list that is read page by page, by its cursor. */

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { useChanges } from "../data";

interface Page<Item, About> {
  items: Item[];
  total: number;
  next_cursor: string | null;
  /** What a page says beside its items. */
  about?: About;
}

export interface List<Item, About = undefined> {
  items: Item[] | undefined;
  total: number;
  about: About | undefined;
  hasMore: boolean;
  isReading: boolean;
  error: unknown;
  more(): void;
  again(): void;
}

/** `load` reads the page behind a cursor; `name` says all that it depends on. */
export function useList<Item, About = undefined>(
  name: string,
  load: (after: string | undefined) => Promise<Page<Item, About>>,
): List<Item, About> {
  const [shown, setShown] = useState<{ name: string; page: Page<Item, About> }>();
  const [error, setError] = useState<unknown>();
  const [isReading, setReading] = useState(false);
  const latest = useRef({ name, load });
  latest.current = { name, load };
  const read = useCallback(async (before: Page<Item, About> | undefined) => {
    const asked = latest.current;
    setReading(true);
    try {
      const page = await asked.load(before?.next_cursor ?? undefined);
      // Somebody may have gone on typing.
      if (latest.current.name !== asked.name) return;
      setShown({ name: asked.name, page: { ...page, items: [...(before?.items ?? []), ...page.items] } });
      setError(undefined);
    } catch (failure) {
      if (latest.current.name === asked.name) setError(failure);
    } finally {
      if (latest.current.name === asked.name) setReading(false);
    }
  }, []);
  const again = useCallback(() => void read(undefined), [read]);
  useEffect(again, [name, again]);
  useChanges(again);
  // What was found before stays until the next is there.
  const page = shown?.page;
  return {
    items: page?.items,
    total: page?.total ?? 0,
    about: page?.about,
    hasMore: shown?.name === name && page?.next_cursor !== null && page !== undefined,
    isReading,
    error,
    more: () => void read(page),
    again,
  };
}

export function More(props: { list: List<unknown, unknown>; noun: string }) {
  const { list } = props;
  return list.hasMore ? (
    <p class="more">
      {/* A disabled button would lose the focus. */}
      <button type="button" aria-disabled={list.isReading} onClick={() => !list.isReading && list.more()}>
        {list.isReading ? "Loading …" : `Show more ${props.noun}`}
      </button>
    </p>
  ) : null;
}

/** A value that follows `value` when it has rested. */
export function useRested(value: string, restMs = 200): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), restMs);
    return () => clearTimeout(timer);
  }, [value, restMs]);
  return rested;
}

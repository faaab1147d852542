/** A value that parts of the page follow. */

import { useEffect, useState } from "preact/hooks";

export interface Signal<Value> {
  get(): Value;
  set(value: Value): void;
  follow(listener: () => void): () => void;
}

export function signal<Value>(first: Value): Signal<Value> {
  let present = first;
  const listeners = new Set<() => void>();
  return {
    get: () => present,
    set(value) {
      present = value;
      for (const listener of [...listeners]) listener();
    },
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useSignal<Value>(followed: Signal<Value>): Value {
  const [, again] = useState({});
  // The value may have changed between the first drawing and this.
  useEffect(() => {
    again({});
    return followed.follow(() => again({}));
  }, [followed]);
  return followed.get();
}

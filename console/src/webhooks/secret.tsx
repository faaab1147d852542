/** A secret that the API shows once, until its page is left. */

import { useEffect } from "preact/hooks";

import { Copyable } from "../parts/basics";
import { signal, useSignal } from "../signals";

const shown = signal<{ code: string; secret: string } | undefined>(undefined);

export function show(code: string, secret: string): void {
  shown.set({ code, secret });
}

export function Secret(props: { code: string }) {
  const found = useSignal(shown);
  useEffect(() => () => shown.set(undefined), []);
  if (found?.code !== props.code) return null;
  return (
    <div class="note" role="status">
      <p>The secret of the signatures. It cannot be shown again: set it in the receiver now.</p>
      <Copyable text={found.secret} label="the secret" />{" "}
      <button type="button" class="small" onClick={() => shown.set(undefined)}>
        Hide
      </button>
    </div>
  );
}

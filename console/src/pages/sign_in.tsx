import { useEffect, useRef, useState } from "preact/hooks";

import { ended, signIn } from "../api";
import { useAttempt } from "../parts/attempt";
import { Failure } from "../parts/basics";
import { useSignal } from "../signals";

export function SignIn(props: { cancel?: () => void }) {
  const [key, setKey] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const { error, isBusy, begin } = useAttempt();
  const why = useSignal(ended);
  const submit = (event: Event) => {
    event.preventDefault();
    begin(async () => {
      await signIn(key.trim());
      props.cancel?.();
    });
  };
  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <h1>
          <Mark /> Laurels
        </h1>
        {why && (
          <p class="note" role="status">
            {why}
          </p>
        )}
        {props.cancel && <p class="note">Use a key of the other project. You stay signed in to the present one.</p>}
        <label class="field">
          <span>API key</span>
          <input
            ref={field}
            type="password"
            value={key}
            required
            autocomplete="current-password"
            spellcheck={false}
            placeholder="lk_live_…"
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        {error !== undefined && <Failure error={error} />}
        <button type="submit" class="primary" disabled={key.trim() === ""} aria-disabled={isBusy}>
          {isBusy ? "Signing in …" : "Sign in"}
        </button>
        {props.cancel && (
          <button type="button" onClick={props.cancel}>
            Cancel
          </button>
        )}
        <p class="faint">
          Use a key of your own: histories and the audit log name it. An administrator makes one with{" "}
          <code>laurels keys create --scope gamify:support --name "your name"</code>.
        </p>
        <p class="faint">You stay signed in until you sign out, or until 12 hours pass without a click.</p>
      </form>
    </main>
  );
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M13 27C6 24 4 15 8 6M19 27c7-3 9-12 5-21M8 12c-3-.5-4.500-2-5-4.500M6.800 17c-2.800.3-4.600-.8-5.800-3M8.500 22c-2.400.9-4.500.4-6.300-1.500M24 12c3-.5 4.500-2 5-4.500M25.200 17c2.800.3 4.600-.8 5.800-3M23.500 22c2.400.9 4.500.4 6.300-1.500" />
    </svg>
  );
}

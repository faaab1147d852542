/** A dialog over the page, with one thing to do. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { Failure } from "./basics";

export function Dialog(props: {
  title: string;
  /** On the button, and while it works. */
  verb: string;
  working?: string;
  isDangerous?: boolean | undefined;
  isReady: boolean;
  run(): Promise<void>;
  /** Below an error. */
  afterError?: ComponentChildren;
  close(): void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      await props.run();
      // Closing it gives the focus back to where it came from.
      dialog.current?.close();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <dialog ref={dialog} onClose={props.close} aria-labelledby="dialog-title">
      <form onSubmit={(event) => void submit(event)}>
        <h2 id="dialog-title">{props.title}</h2>
        {props.children}
        {error !== undefined && (
          <>
            <Failure error={error} />
            {props.afterError}
          </>
        )}
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          {/* A disabled button would lose the focus while it works. */}
          <button type="submit" class={props.isDangerous ? "danger" : "primary"} disabled={!props.isReady && !isBusy} aria-disabled={isBusy}>
            {isBusy ? (props.working ?? "Working …") : props.verb}
          </button>
        </div>
      </form>
    </dialog>
  );
}

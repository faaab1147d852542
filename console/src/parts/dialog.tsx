/** A dialog over the page, with one thing to do. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { useAttempt } from "./attempt";
import { Failure } from "./basics";

export function Dialog(props: {
  title: string;
  /** On the button, and while it works. */
  verb: string;
  working?: string;
  /** On the button that changes nothing: where `verb` itself is to cancel something, "Cancel" would be taken for it. */
  back?: string | undefined;
  isDangerous?: boolean | undefined;
  isReady: boolean;
  run(): Promise<void>;
  /** Below an error. */
  afterError?: ComponentChildren;
  close(): void;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const { error, isBusy, begin } = useAttempt();
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    begin(async () => {
      await props.run();
      // Closing it gives the focus back to where it came from.
      dialog.current?.close();
    });
  };
  return (
    <dialog ref={dialog} onClose={props.close} aria-labelledby="dialog-title">
      <form onSubmit={submit}>
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
            {props.back ?? "Cancel"}
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

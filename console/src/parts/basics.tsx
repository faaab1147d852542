/** Small parts that all pages use. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { KeyRefusedError, LaurelsError, RefusedError, UnreachableError } from "laurels";

import { clockOffset } from "../api";
import { type Task, scopeFor } from "../roles";
import { useSignal } from "../signals";
import { cityOf, dateAndTime, dayAndTime, dayAndTimeThere, distance, localZone } from "../text";

/** A time in the viewer's zone; with the participant's beside it where that is another one. A phone shows no tooltips. */
export function Time(props: { at: string; zone?: string | undefined; isReal?: boolean; hasDay?: boolean }) {
  const ahead = useSignal(clockOffset);
  const own = dateAndTime(props.at);
  const other = props.zone === localZone ? undefined : props.zone;
  const theirs = other ? ` · ${dateAndTime(props.at, other)} ${other}` : "";
  const time = (
    <time dateTime={props.at} title={`${own} ${localZone}${theirs}`}>
      {props.hasDay ? dayAndTime(props.at) : distance(props.at, Date.now() + (props.isReal ? 0 : ahead))}
    </time>
  );
  if (!props.hasDay || !other) return time;
  return (
    <span class="times">
      {time}
      <small class="faint">
        {dayAndTimeThere(props.at, other)} {cityOf(other)}
      </small>
    </span>
  );
}

/** What went wrong, in the sentence of the API. */
export function Failure(props: { error: unknown; again?: () => void }) {
  const { error, again } = props;
  const isAway = error instanceof UnreachableError || (error instanceof RefusedError && error.status >= 500);
  return (
    <div class="note bad" role="alert">
      <p>
        <strong>{isAway ? "The server did not respond. " : ""}</strong>
        {sentence(error)}
      </p>
      {error instanceof RefusedError && error.errors.length > 1 && (
        <ul>
          {error.errors.map((each) => (
            <li key={each.field}>
              <code>{each.field}</code> {each.message}
            </li>
          ))}
        </ul>
      )}
      {error instanceof KeyRefusedError && error.sufficientScopes.length > 0 && (
        <p>One of these scopes suffices: {error.sufficientScopes.join(", ")}.</p>
      )}
      {error instanceof LaurelsError && isAway && <p class="faint">Request {error.requestId}</p>}
      {again && (
        <button type="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

export function sentence(error: unknown): string {
  if (error instanceof LaurelsError) return /[.!?]$/.test(error.detail) ? error.detail : `${error.detail}.`;
  return error instanceof Error ? error.message : String(error);
}

export function Empty(props: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{props.title}</p>
      {props.children && <p>{props.children}</p>}
    </div>
  );
}

export function Loading(props: { rows?: number }) {
  return (
    <div class="loading" role="status">
      <span class="hidden">Loading</span>
      {Array.from({ length: props.rows ?? 3 }, (_, row) => (
        <div key={row} class="bar" />
      ))}
    </div>
  );
}

/** In place of a part that the key may not use. */
export function NotAllowed(props: { task: Task }) {
  return (
    <Empty title="Your key is not allowed to do this">
      Sign in with a key of the scope <code>{scopeFor(props.task)}</code> or higher.
    </Empty>
  );
}

/** The heading of a page; it takes the focus, so that a screen reader reads the new page. */
export function Heading(props: { children: ComponentChildren; note?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <header class="heading">
      <h1 tabIndex={-1} ref={heading}>
        {props.children}
      </h1>
      {props.note && <p class="faint">{props.note}</p>}
    </header>
  );
}

export function Progress(props: { of: number; done: number; label: string }) {
  return <progress value={Math.min(props.done, props.of)} max={props.of || 1} aria-label={props.label} />;
}

export function Copyable(props: { text: string; label: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    // Pages without HTTPS have no clipboard.
    await navigator.clipboard?.writeText(props.text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <span class="copyable">
      <code>{props.text}</code>
      {navigator.clipboard && (
        <button type="button" class="quiet small" onClick={() => void copy()} aria-label={`Copy ${props.label}`}>
          {isCopied ? "Copied" : "Copy"}
        </button>
      )}
    </span>
  );
}

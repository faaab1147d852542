/** One change: what it needs to know, what will follow, and the call that makes it. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import type { Laurels } from "laurels";

import { type Sent, api, base, preview } from "../api";
import { curl } from "../curl";
import { changed } from "../data";
import { Dialog } from "./dialog";
import { tell } from "./messages";
import { problemOf } from "./problem";

export interface Field {
  name: string;
  label: string;
  kind: "number" | "text" | "choice" | "moment";
  help?: string;
  isOptional?: boolean;
  first?: string;
  least?: number;
  most?: number;
  /** Why there cannot be more than `most`, in a sentence. */
  tooMuch?: string;
  choices?: { value: string; label: string }[];
}

export type Values = Record<string, string>;

export interface Action<Done> {
  title: string;
  /** On the button. */
  verb: string;
  /** On the button that changes nothing, if "Cancel" would be unclear. */
  back?: string;
  isDangerous?: boolean;
  fields: Field[];
  /** What must be typed into the field `confirmation`. */
  confirmation?: string;
  follows(values: Values): ComponentChildren;
  /** `key` is the same for all attempts, so that none of them counts twice. */
  call(client: Laurels, values: Values, key: string): Promise<Done>;
  done(result: Done): string;
}

function newKey(): string {
  return `console-${Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

export function ActionDialog<Done>(props: { action: Action<Done>; close(): void }) {
  const { action, close } = props;
  const [key] = useState(newKey);
  const [values, setValues] = useState<Values>(() =>
    Object.fromEntries(action.fields.map((field) => [field.name, field.first ?? ""])),
  );
  const isComplete =
    action.fields.every((field) => field.isOptional || (values[field.name] ?? "").trim() !== "") &&
    (action.confirmation === undefined || values["confirmation"] === action.confirmation);
  const problem = problemOf(action.fields, values);
  const isReady = isComplete && problem === undefined;
  const run = async () => {
    tell(action.done(await action.call(api, values, key)));
    changed();
  };
  return (
    <Dialog title={action.title} verb={action.verb} back={action.back} isDangerous={action.isDangerous} isReady={isReady} run={run} close={close}>
      {action.fields.map((field) => (
        <Asked
          key={field.name}
          field={field}
          value={values[field.name] ?? ""}
          change={(value) => setValues({ ...values, [field.name]: value })}
        />
      ))}
      <div class="note" aria-live="polite">
        {problem === undefined ? action.follows(values) : <p class="warn">{problem}</p>}
      </div>
      <Preview isReady={isReady} call={(client) => action.call(client, values, key)} given={JSON.stringify(values)} />
    </Dialog>
  );
}

function Asked(props: { field: Field; value: string; change(value: string): void }) {
  const { field, value, change } = props;
  const id = `asked-${field.name}`;
  const help = field.help && `help-${field.name}`;
  return (
    <div class="field">
      <label for={id}>
        {field.label}
        {field.isOptional && <em class="faint"> (optional)</em>}
      </label>
      {field.kind === "choice" ? (
        <select id={id} value={value} required={!field.isOptional} aria-describedby={help} onChange={(event) => change(event.currentTarget.value)}>
          <option value="">Choose …</option>
          {field.choices?.map((each) => (
            <option key={each.value} value={each.value}>
              {each.label}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...typed(field)}
          id={id}
          value={value}
          required={!field.isOptional}
          aria-describedby={help}
          onInput={(event) => change(event.currentTarget.value)}
        />
      )}
      {field.help && (
        <small id={help} class="faint">
          {field.help}
        </small>
      )}
    </div>
  );
}

function typed(field: Field) {
  if (field.kind === "number") return { type: "number" as const, min: field.least ?? 1, max: field.most, step: 1 };
  return field.kind === "moment" ? { type: "datetime-local" as const } : { maxLength: 500 };
}

/** The call as it will be sent, once the form is complete. It is there before, so that nothing moves. */
function Preview(props: { isReady: boolean; call(client: Laurels): Promise<unknown>; given: string }) {
  const [sent, setSent] = useState<Sent>();
  useEffect(() => {
    let isPresent = true;
    setSent(undefined);
    if (props.isReady) void preview(props.call).then((found) => isPresent && setSent(found), () => undefined);
    return () => {
      isPresent = false;
    };
  }, [props.given, props.isReady]);
  return (
    <details class="call">
      <summary>The API call</summary>
      {sent ? <pre tabIndex={0}>{curl(base, sent)}</pre> : <p class="faint">Complete the form first.</p>}
    </details>
  );
}

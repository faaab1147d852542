/** A form made from the fields of a kind. */

import { useState } from "preact/hooks";

import { words } from "../text";
import type { Draft } from "./kinds";
import type { FormField } from "./schema";

export function Form(props: { fields: FormField[]; draft: Draft; isNew: boolean; isFixed: boolean; change(draft: Draft): void }) {
  const { fields, draft, change } = props;
  return (
    <div class="form">
      {fields.map((field) => (
        <Input
          key={field.name}
          field={field}
          value={draft[field.name] ?? null}
          isFixed={props.isFixed || (field.name === "code" && !props.isNew)}
          change={(value) => change({ ...draft, [field.name]: value })}
        />
      ))}
    </div>
  );
}

function Input(props: { field: FormField; value: unknown; isFixed: boolean; change(value: unknown): void }) {
  const { field, value, isFixed, change } = props;
  const help = field.help ? `about-${field.name}` : undefined;
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  const id = `field-${field.name}`;
  const common = { id, disabled: isFixed, "aria-describedby": help };
  return (
    <div class={`field ${field.kind}`}>
      <label for={id}>
        {words(field.name)}
        {!field.isRequired && field.kind !== "boolean" && <em class="faint"> (optional)</em>}
      </label>
      {field.kind === "boolean" && (
        <input type="checkbox" checked={value === true} {...common} onChange={(event) => change(event.currentTarget.checked)} />
      )}
      {field.kind === "choice" && (
        <select value={text} {...common} onChange={(event) => change(event.currentTarget.value || null)}>
          <option value="">{field.isRequired ? "Choose …" : "Not set"}</option>
          {field.choices.map((each) => (
            <option key={each} value={each}>
              {words(each)}
            </option>
          ))}
        </select>
      )}
      {field.kind === "integer" && (
        <input
          type="number"
          step={1}
          min={field.minimum}
          max={field.maximum}
          value={text}
          {...common}
          onInput={(event) => change(event.currentTarget.value === "" ? null : Number(event.currentTarget.value))}
        />
      )}
      {field.kind === "text" && <input value={text} {...common} onInput={(event) => change(event.currentTarget.value || null)} />}
      {field.kind === "long" && (
        <textarea
          rows={2}
          spellcheck={field.name === "description"}
          class={field.name === "description" ? "" : "code"}
          value={text}
          {...common}
          onInput={(event) => change(event.currentTarget.value || null)}
        />
      )}
      {field.kind === "json" && <Json id={id} value={value} isFixed={isFixed} help={help} change={change} />}
      {field.help && (
        <small id={help} class="faint">
          {field.help}
        </small>
      )}
    </div>
  );
}

function Json(props: { id: string; value: unknown; isFixed: boolean; help: string | undefined; change(value: unknown): void }) {
  const [text, setText] = useState(() => (props.value === null ? "" : JSON.stringify(props.value, null, 2)));
  const [problem, setProblem] = useState("");
  const type = (given: string) => {
    setText(given);
    try {
      props.change(given.trim() === "" ? null : JSON.parse(given));
      setProblem("");
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <>
      <textarea
        id={props.id}
        class="code"
        rows={Math.min(16, Math.max(2, text.split("\n").length))}
        spellcheck={false}
        disabled={props.isFixed}
        aria-invalid={problem !== ""}
        aria-describedby={props.help}
        value={text}
        onInput={(event) => type(event.currentTarget.value)}
      />
      {problem && (
        <small class="warn" role="alert">
          {problem}
        </small>
      )}
    </>
  );
}

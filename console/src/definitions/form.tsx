/** A form made from the fields of a kind, with forms inside for lists and objects. */

import { useState } from "preact/hooks";

import { localInput, number, words } from "../text";
import { ExpressionInput, type Use } from "./expression_input";
import type { Draft } from "./kinds";
import { useProblem } from "./problems";
import { type FormField, type Shape, emptyOf, labelOf, variantFor } from "./schema";
import { Texts } from "./texts";

export function Form(props: { fields: FormField[]; draft: Draft; isNew: boolean; change(draft: Draft): void }) {
  const { draft, change } = props;
  return (
    <div class="form">
      <Fields
        fields={props.fields}
        draft={draft}
        within="field"
        fixed={props.isNew ? undefined : "code"}
        change={change}
      />
    </div>
  );
}

function Fields(props: {
  fields: FormField[];
  draft: Draft;
  within: string;
  /** The field that cannot be changed. */
  fixed?: string | undefined;
  change(draft: Draft): void;
}) {
  const { draft, change } = props;
  return (
    <>
      {props.fields.map((field) => (
        <Labelled
          key={field.name}
          field={field}
          id={`${props.within}-${field.name}`}
          value={draft[field.name] ?? null}
          isFixed={field.name === props.fixed}
          change={(value) => change({ ...draft, [field.name]: value })}
        />
      ))}
    </>
  );
}

interface Input {
  id: string;
  /** The name of the field. */
  name: string;
  value: unknown;
  help: string | undefined;
  change(value: unknown): void;
}

function Labelled(props: Omit<Input, "help" | "name"> & { field: FormField; isFixed: boolean }) {
  const { field, id } = props;
  const help = field.help ? `about-${id}` : undefined;
  const name = labelOf(field.name);
  useProblem(`${id} missing`, name, field.isRequired && isEmpty(props.value) ? "missing" : undefined);
  const isGroup = field.kind === "object" || field.kind === "list" || field.kind === "choices" || field.kind === "texts";
  const label = (
    <>
      {name}
      {!field.isRequired && field.kind !== "boolean" && <em class="faint"> (optional)</em>}
    </>
  );
  const about = field.help && (
    <small id={help} class="faint">
      <Help text={field.help} />
    </small>
  );
  if (isGroup) {
    return (
      <fieldset class="field group" aria-describedby={help}>
        <legend>{label}</legend>
        {about}
        <Value {...props} name={field.name} shape={field} help={help} isRequired={field.isRequired} />
      </fieldset>
    );
  }
  return (
    <div class={`field is-${field.kind}`}>
      <label for={id}>{label}</label>
      <Value {...props} name={field.name} shape={field} help={help} isRequired={field.isRequired} />
      {about}
    </div>
  );
}

function isEmpty(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}

/** The description of a field; parts in backticks are code. */
function Help(props: { text: string }) {
  return <>{props.text.split("`").map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</>;
}

function Value(props: Input & { shape: Shape; isRequired: boolean; isFixed: boolean }) {
  const { id, value, isFixed, change, shape, help } = props;
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  const common = { id, disabled: isFixed, "aria-describedby": help };
  const use = useOf(props.name);
  switch (shape.kind) {
    case "boolean":
      return <input type="checkbox" checked={value === true} {...common} onChange={(event) => change(event.currentTarget.checked)} />;
    case "choice":
      return (
        <select value={text} {...common} onChange={(event) => change(event.currentTarget.value || null)}>
          <option value="">{props.isRequired ? "Choose …" : "Not set"}</option>
          {shape.choices.map((each) => (
            <option key={each} value={each}>
              {words(each)}
            </option>
          ))}
        </select>
      );
    case "integer":
      return <Integer {...props} />;
    case "amount":
      return <Amount {...props} />;
    case "object":
      return <Group {...props} />;
    case "list":
      return <List {...props} />;
    case "choices":
      return <Choices {...props} />;
    case "texts":
      return <Texts {...props} />;
    case "moment":
      return (
        <input
          type="datetime-local"
          step={1}
          value={text === "" ? "" : localInput(new Date(text), true)}
          {...common}
          onChange={(event) => change(event.currentTarget.value ? new Date(event.currentTarget.value).toISOString() : null)}
        />
      );
    case "day":
      return <input type="date" value={text} {...common} onChange={(event) => change(event.currentTarget.value || null)} />;
    case "json":
      return <Json {...props} />;
    default:
      if (use) return <ExpressionInput id={id} name={props.name} use={use} value={text} help={help} change={change} />;
      return shape.kind === "text" ? (
        <input value={text} {...common} onInput={(event) => change(event.currentTarget.value || null)} />
      ) : (
        <textarea rows={2} value={text} {...common} onInput={(event) => change(event.currentTarget.value || null)} />
      );
  }
}

/** The text of a field while it is written, as its value alone does not have every space and point of it. */
function useTyped(value: unknown, read: (text: string) => unknown) {
  const [typed, setTyped] = useState<string>();
  const own = typeof value === "string" || typeof value === "number" ? String(value) : "";
  // Another value came from elsewhere, such as a completed name.
  const text = typed !== undefined && read(typed) === value ? typed : own;
  return { text, setTyped, leave: () => setTyped(undefined) };
}

function Integer(props: Input & { shape: Shape }) {
  const { id, value, change, shape, help } = props;
  const { text, setTyped, leave } = useTyped(value, integerOf);
  // A text such as "1e" has no number, and is not given to scripts.
  const [isText, setText] = useState(false);
  const problem = isText ? notWhole : problemOf(value, shape);
  useProblem(`${id} number`, words(props.name), problem ? "wrong" : undefined);
  return (
    <>
      <input
        id={id}
        type="number"
        step={1}
        min={shape.minimum}
        max={shape.maximum}
        value={text}
        aria-describedby={help}
        aria-invalid={problem !== undefined}
        onInput={(event) => {
          setText(event.currentTarget.validity.badInput);
          setTyped(event.currentTarget.value);
          change(integerOf(event.currentTarget.value));
        }}
        onBlur={leave}
      />
      {problem && (
        <small class="problem" role="alert">
          {problem}
        </small>
      )}
    </>
  );
}

const notWhole = "Must be a whole number.";

function problemOf(value: unknown, shape: Shape): string | undefined {
  if (typeof value !== "number") return undefined;
  if (!Number.isInteger(value)) return notWhole;
  if (shape.minimum !== undefined && value < shape.minimum) return `Must be at least ${number(shape.minimum)}.`;
  if (shape.maximum !== undefined && value > shape.maximum) return `Must be at most ${number(shape.maximum)}.`;
  return undefined;
}

function integerOf(given: string): number | null {
  return given === "" ? null : Number(given);
}

function Amount(props: Input) {
  const { id, value, change, help } = props;
  const { text, setTyped, leave } = useTyped(value, numberOr);
  const type = (given: string) => {
    setTyped(given);
    change(numberOr(given));
  };
  return (
    <ExpressionInput
      id={id}
      name={props.name}
      use="amount"
      value={text}
      help={help}
      change={(given) => type(given ?? "")}
      leave={leave}
    />
  );
}

/** Fields with expressions, by their names. */
function useOf(field: string): Use | undefined {
  return field === "condition" || field === "criteria" ? field : undefined;
}

/** A whole number as one, and everything else as an expression. */
function numberOr(given: string): string | number | null {
  return /^\d{1,15}$/.test(given.trim()) ? Number(given) : given || null;
}

function Group(props: Input & { shape: Shape; isRequired: boolean }) {
  const { id, shape, change } = props;
  const value = props.value as Draft | null;
  if (value === null) return <Add shape={shape} add={change} label="Set" />;
  const variant = variantFor(shape, value);
  if (!variant) return <Json {...props} />;
  return (
    <div class="part">
      {variant.type !== "" && <p class="part-type">{words(variant.type)}</p>}
      <Fields fields={variant.fields} draft={value} within={id} change={change} />
      {!props.isRequired && (
        <button type="button" class="quiet small" onClick={() => change(null)}>
          Remove
        </button>
      )}
    </div>
  );
}

function Add(props: { shape: Shape; label: string; add(value: Draft): void }) {
  const { shape, label } = props;
  const [only] = shape.variants;
  if (shape.variants.length === 1 && only) {
    return (
      <button type="button" class="small" onClick={() => props.add(emptyOf(only))}>
        {label}
      </button>
    );
  }
  return (
    <select
      class="add"
      aria-label={label}
      value=""
      onChange={(event) => {
        const variant = shape.variants.find((each) => each.type === event.currentTarget.value);
        event.currentTarget.value = "";
        if (variant) props.add(emptyOf(variant));
      }}
    >
      <option value="">{label} …</option>
      {shape.variants.map((each) => (
        <option key={each.type} value={each.type}>
          {words(each.type)}
        </option>
      ))}
    </select>
  );
}

function List(props: Input & { shape: Shape }) {
  const { id, name, shape, change } = props;
  const items = Array.isArray(props.value) ? (props.value as unknown[]) : [];
  const item = shape.item;
  if (!item) return <Json {...props} />;
  const replaced = (index: number, value: unknown) => change(items.map((each, at) => (at === index ? value : each)));
  const one = words(name).replace(/s$/, "");
  return (
    <div class="list">
      {items.map((each, index) => (
        <div key={index} class="item">
          {item.kind === "object" ? (
            <Group id={`${id}-${index}`} name={name} shape={item} value={each} help={undefined} isRequired change={(value) => replaced(index, value)} />
          ) : (
            <input
              aria-label={`${one} ${index + 1}`}
              value={String(each ?? "")}
              onInput={(event) => replaced(index, event.currentTarget.value)}
            />
          )}
          <button
            type="button"
            class="quiet small"
            aria-label={`Remove ${one.toLowerCase()} ${index + 1}`}
            onClick={() => change(items.filter((_, at) => at !== index))}
          >
            Remove
          </button>
        </div>
      ))}
      {item.kind === "object" ? (
        <Add shape={item} label={`Add ${one.toLowerCase()}`} add={(value) => change([...items, value])} />
      ) : (
        <button type="button" class="small" onClick={() => change([...items, ""])}>
          Add {one.toLowerCase()}
        </button>
      )}
    </div>
  );
}

/** Some of the choices, in the order in which they were made. */
function Choices(props: Input & { shape: Shape }) {
  const { shape, change } = props;
  const chosen = Array.isArray(props.value) ? (props.value as unknown[]) : [];
  return (
    <div class="choices">
      {shape.choices.map((each) => (
        <label key={each} class="choice">
          <input
            type="checkbox"
            checked={chosen.includes(each)}
            onChange={(event) => change(event.currentTarget.checked ? [...chosen, each] : chosen.filter((other) => other !== each))}
          />
          <code>{each}</code>
        </label>
      ))}
    </div>
  );
}

function Json(props: Input) {
  const [text, setText] = useState(() => (props.value === null ? "" : JSON.stringify(props.value, null, 2)));
  const [problem, setProblem] = useState("");
  useProblem(`${props.id} json`, words(props.name), problem ? "wrong" : undefined);
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
        aria-invalid={problem !== ""}
        aria-describedby={props.help}
        value={text}
        onInput={(event) => type(event.currentTarget.value)}
      />
      {problem && (
        <small class="problem" role="alert">
          {problem}
        </small>
      )}
    </>
  );
}

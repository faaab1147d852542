/** A definition as text, for keys that may not change it. */

import type { ComponentChildren } from "preact";

import { localZone, number, withZone, words } from "../text";
import type { Draft } from "./kinds";
import { type FormField, type Shape, labelOf, variantFor } from "./schema";

export function ReadView(props: { fields: FormField[]; value: Draft }) {
  const empty = props.fields.filter((field) => isEmpty(props.value[field.name]));
  return (
    <>
      <SetFields {...props} />
      {empty.length > 0 && <p class="faint">Not set: {empty.map((field) => labelOf(field.name)).join(", ")}.</p>}
    </>
  );
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function SetFields(props: { fields: FormField[]; value: Draft }) {
  return (
    <dl class="read-view">
      {props.fields
        .filter((field) => !isEmpty(props.value[field.name]))
        .map((field) => (
          <div key={field.name}>
            <dt>{labelOf(field.name)}</dt>
            <dd>{shown(field, field.name, props.value[field.name])}</dd>
          </div>
        ))}
    </dl>
  );
}

const codes = new Set(["code", "condition", "criteria"]);

function shown(shape: Shape, name: string, value: unknown): ComponentChildren {
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "number") return number(value);
  if (shape.kind === "object") {
    const variant = variantFor(shape, value as Draft);
    if (!variant) return <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>;
    return (
      <div class="part">
        {variant.type !== "" && <p class="part-type">{words(variant.type)}</p>}
        <SetFields fields={variant.fields} value={value as Draft} />
      </div>
    );
  }
  if (Array.isArray(value)) {
    const item = shape.item;
    if (item?.kind !== "object") return value.map((each: unknown) => <code key={String(each)}>{String(each)} </code>);
    return (
      <ol class="list">
        {value.map((each: unknown, index) => (
          <li key={index} class="item">
            {shown(item, name, each)}
          </li>
        ))}
      </ol>
    );
  }
  if (typeof value === "object") {
    return Object.entries(value ?? {}).map(([key, text]) => (
      <p key={key}>
        <code>{key}</code>: {String(text)}
      </p>
    ));
  }
  const text = String(value);
  if (shape.kind === "choice") return words(text);
  if (shape.kind === "moment") return withZone(text, localZone);
  return codes.has(name) || name.endsWith("_code") || shape.kind === "amount" ? <code>{text}</code> : text;
}

/** From the JSON Schema of a kind of definitions to the fields of its form. */

import { words } from "../text";
import type { Draft } from "./kinds";

export interface Schema {
  type?: string;
  format?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  items?: Schema;
  discriminator?: { propertyName: string };
  $ref?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

export type Components = Record<string, Schema>;

/** The form of a value. */
export interface Shape {
  kind: "text" | "long" | "integer" | "boolean" | "choice" | "amount" | "object" | "list" | "choices" | "texts" | "moment" | "day" | "json";
  /** Of a choice, and of a list of choices. */
  choices: string[];
  minimum: number | undefined;
  maximum: number | undefined;
  /** Of an object; those of each variant, if the field `type` chooses one. */
  variants: Variant[];
  /** Of a list. */
  item: Shape | undefined;
}

export interface Variant {
  /** The value of the field `type`; empty for the only variant. */
  type: string;
  fields: FormField[];
}

export interface FormField extends Shape {
  name: string;
  help: string;
  isRequired: boolean;
  first: unknown;
}

const longerThan = 300;

export function fieldsOf(schema: Schema, components: Components = {}): FormField[] {
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]): FormField => {
    const values = options(property);
    const value = values.length === 1 && values[0] ? values[0] : property;
    return {
      ...shapeOf(value, components),
      ...(isAddress(name) ? { kind: "text" as const } : {}),
      name,
      help: inForms(property.description ?? value.description ?? ""),
      isRequired: schema.required?.includes(name) ?? false,
      first: property.default ?? null,
    };
  });
  return fields.sort((one, other) => placeOf(one.name) - placeOf(other.name));
}

/** A field of a form that is null in a body is empty. */
function inForms(description: string): string {
  return description.replace(/\bnull\b/g, "empty").replace(/\bNull\b/g, "Empty");
}

/** Addresses may be long, and are of one line. */
function isAddress(name: string): boolean {
  return /(^|_)url$/.test(name);
}

function options(schema: Schema): Schema[] {
  return schema.anyOf?.filter((each) => each.type !== "null") ?? [schema];
}

function resolved(schema: Schema, components: Components): Schema {
  const name = schema.$ref?.split("/").at(-1);
  return (name !== undefined && components[name]) || schema;
}

function shapeOf(given: Schema, components: Components): Shape {
  const schema = resolved(given, components);
  const shape: Shape = {
    kind: kindOf(schema),
    choices: (schema.enum ?? []).map(String),
    minimum: schema.minimum,
    maximum: schema.maximum,
    variants: [],
    item: undefined,
  };
  const parts = options(schema).map((each) => resolved(each, components));
  if (schema.properties) {
    return { ...shape, kind: "object", variants: [{ type: "", fields: fieldsOf(schema, components) }] };
  }
  if (parts.length > 1 && parts.every((each) => each.properties?.["type"]?.enum?.length === 1)) {
    return { ...shape, kind: "object", variants: parts.map((each) => variantOf(each, components)) };
  }
  if (parts.length === 2 && parts.some((each) => each.type === "integer") && parts.some((each) => each.type === "string")) {
    return { ...shape, kind: "amount" };
  }
  if (schema.type === "array" && schema.items) {
    const item = shapeOf(schema.items, components);
    if (item.kind === "choice") return { ...shape, kind: "choices", choices: item.choices };
    return item.kind === "object" || item.kind === "text" ? { ...shape, kind: "list", item } : shape;
  }
  return shape;
}

function variantOf(schema: Schema, components: Components): Variant {
  const type = String(schema.properties?.["type"]?.enum?.[0]);
  return { type, fields: fieldsOf(schema, components).filter((field) => field.name !== "type") };
}

function kindOf(schema: Schema): Shape["kind"] {
  if (schema.enum) return "choice";
  if (schema.type === "boolean" || schema.type === "integer") return schema.type;
  if (schema.type === "string" && schema.format === "date-time") return "moment";
  if (schema.type === "string" && schema.format === "date") return "day";
  if (schema.type === "object" && typeof schema.additionalProperties === "object" && schema.additionalProperties.type === "string") return "texts";
  if (schema.type === "string") return (schema.maxLength ?? 0) > longerThan ? "long" : "text";
  return "json";
}

const first = ["name", "code", "description"];
const last = ["display_order", "is_active"];

function placeOf(name: string): number {
  return first.includes(name) ? first.indexOf(name) : first.length + last.indexOf(name) + 1;
}

/** The name of a field, as people read it. */
export function labelOf(field: string): string {
  return words(field).replace(/\burl\b/i, "URL");
}

/** The variant of an object. */
export function variantFor(shape: Shape, value: Draft): Variant | undefined {
  return shape.variants.find((each) => each.type === "" || each.type === value["type"]);
}

/** A new value with its defaults. */
export function emptyOf(variant: Variant): Draft {
  const values = Object.fromEntries(variant.fields.map((field) => [field.name, field.first]));
  return variant.type === "" ? values : { type: variant.type, ...values };
}

/** The fields in which a draft differs from the live definition. */
export function differences(live: Draft, draft: Draft): { name: string; before: unknown; after: unknown }[] {
  const names = [...new Set([...Object.keys(live), ...Object.keys(draft)])];
  return names
    .filter((name) => JSON.stringify(live[name] ?? null) !== JSON.stringify(draft[name] ?? null))
    .map((name) => ({ name, before: live[name] ?? null, after: draft[name] ?? null }));
}

/** One difference inside a field: where it is, such as `Actions`, `Award points`, `Amount`. */
export interface Leaf {
  path: string[];
  /** Undefined for an item of a list that was added. */
  before: unknown;
  /** Undefined for an item of a list that was removed. */
  after: unknown;
}

type Fields = Record<string, unknown>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The smallest differences between two values of a field. */
export function leaves(path: string[], before: unknown, after: unknown): Leaf[] {
  if (isFields(before) && isFields(after) && before["type"] === after["type"]) {
    return differences(before, after).flatMap((each) => leaves([...path, labelOf(each.name)], each.before, each.after));
  }
  if (Array.isArray(before) && Array.isArray(after)) return ofItems(path, before, after);
  return [{ path, before, after }];
}

function ofItems(path: string[], before: unknown[], after: unknown[]): Leaf[] {
  const without = (all: unknown[], others: unknown[]) => {
    const texts = new Set(others.map((each) => JSON.stringify(each)));
    return all.filter((each) => !texts.has(JSON.stringify(each)));
  };
  const [gone, added] = [without(before, after), without(after, before)];
  if (gone.length + added.length === 0) return [{ path: [...path, "Order"], before, after }];
  const pairs = new Map<unknown, unknown>();
  for (const old of gone) {
    const same = added.find((each) => isSame(old, each) && ![...pairs.values()].includes(each));
    if (same !== undefined) pairs.set(old, same);
  }
  const changed = [...pairs].flatMap(([old, next]) => leaves([...path, ...nameOfItem(next)], old, next));
  const removed = gone.filter((each) => !pairs.has(each)).map((each): Leaf => ({ path, before: each, after: undefined }));
  const left = added.filter((each) => ![...pairs.values()].includes(each)).map((each): Leaf => ({ path, before: undefined, after: each }));
  return [...changed, ...removed, ...left];
}

/** Whether one item of a list is a changed form of another. */
function isSame(one: unknown, other: unknown): boolean {
  if (!isFields(one) || !isFields(other)) return false;
  return one["code"] === other["code"] && one["type"] === other["type"];
}

function nameOfItem(item: unknown): string[] {
  if (!isFields(item)) return [];
  if (typeof item["type"] === "string") return [words(item["type"])];
  return typeof item["code"] === "string" ? [item["code"]] : [];
}

const ofResponses = new Set(["id", "created_at", "updated_at", "deleted_at", "secret", "failing_since", "disabled_reason"]);

/** As a definitions file has it: without the fields that responses add, and without fields that are not set. */
export function asWritten(definition: Draft): Draft {
  return Object.fromEntries(
    Object.entries(definition).filter(([name, value]) => !ofResponses.has(name) && value !== null),
  );
}

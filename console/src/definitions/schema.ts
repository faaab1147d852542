/** From the JSON Schema of a kind of definitions to the fields of its form. */

import type { Draft } from "./kinds";

export interface Schema {
  type?: string;
  format?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  $ref?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  minimum?: number;
  maximum?: number;
  maxLength?: number;
}

export interface FormField {
  name: string;
  kind: "text" | "long" | "integer" | "boolean" | "choice" | "json";
  help: string;
  isRequired: boolean;
  choices: string[];
  minimum: number | undefined;
  maximum: number | undefined;
  first: unknown;
}

const longerThan = 300;

export function fieldsOf(schema: Schema): FormField[] {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const values = property.anyOf?.filter((each) => each.type !== "null") ?? [property];
    const value = values.length === 1 && values[0] ? values[0] : {};
    return {
      name,
      kind: kindOf(value),
      help: property.description ?? value.description ?? "",
      isRequired: schema.required?.includes(name) ?? false,
      choices: (value.enum ?? []).map(String),
      minimum: value.minimum,
      maximum: value.maximum,
      first: property.default ?? null,
    };
  });
}

function kindOf(schema: Schema): FormField["kind"] {
  if (schema.enum) return "choice";
  if (schema.type === "boolean" || schema.type === "integer") return schema.type;
  if (schema.type === "string") return (schema.maxLength ?? 0) > longerThan ? "long" : "text";
  return "json";
}

/** The fields in which a draft differs from what is live. */
export function differences(live: Draft, draft: Draft): { name: string; before: unknown; after: unknown }[] {
  const names = [...new Set([...Object.keys(live), ...Object.keys(draft)])];
  return names
    .filter((name) => JSON.stringify(live[name] ?? null) !== JSON.stringify(draft[name] ?? null))
    .map((name) => ({ name, before: live[name] ?? null, after: draft[name] ?? null }));
}

const ofResponses = new Set(["id", "created_at", "updated_at", "deleted_at"]);

/** As a definitions file has it: without what responses add, and without what is not set. */
export function asWritten(definition: Draft): Draft {
  return Object.fromEntries(
    Object.entries(definition).filter(([name, value]) => !ofResponses.has(name) && value !== null),
  );
}

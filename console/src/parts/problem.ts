/** Numbers of a dialog that no call can take. */

import { number } from "../text";
import type { Field, Values } from "./action";

/** What is wrong with a number, in a sentence; undefined if nothing is. */
export function problemOf(fields: Field[], values: Values): string | undefined {
  for (const field of fields) {
    const given = (values[field.name] ?? "").trim();
    if (field.kind !== "number" || given === "") continue;
    const least = field.least ?? 1;
    const value = Number(given);
    if (!Number.isInteger(value)) return `${field.label}: whole numbers only.`;
    if (value < least) return `${field.label}: at least ${number(least)}.`;
    if (field.most !== undefined && value > field.most) return field.tooMuch ?? `${field.label}: at most ${number(field.most)}.`;
  }
  return undefined;
}

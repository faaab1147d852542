/** The fields in which a draft differs; of lists and objects, the values in which they differ. */

import { number, words } from "../text";
import { type differences, labelOf, leaves } from "./schema";

export type Change = ReturnType<typeof differences>[number];

export function Changes(props: { all: Change[] }) {
  const all = props.all.flatMap((each) => leaves([labelOf(each.name)], each.before, each.after));
  return (
    <ul class="changes">
      {all.map((each, index) => (
        <li key={index}>
          <span>{each.path.join(" › ")}</span>{" "}
          <span>
            {each.before !== undefined && <del>{inWords(each.before)}</del>}
            {each.before !== undefined && each.after !== undefined && " → "}
            {each.after !== undefined && <ins>{inWords(each.after)}</ins>}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** A value of a definition in words: `Award points: amount 5`. */
export function inWords(value: unknown): string {
  if (value === null || value === "") return "nothing";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return number(value);
  if (Array.isArray(value)) return value.length > 0 ? value.map(inWords).join("; ") : "nothing";
  if (typeof value !== "object") return String(value);
  const { type, ...fields } = value as Record<string, unknown>;
  const set = Object.entries(fields).filter(([, each]) => each !== null);
  const text = set.map(([name, each]) => `${labelOf(name).toLowerCase()} ${inWords(each)}`).join(", ");
  return typeof type === "string" ? [words(type), text].filter(Boolean).join(": ") : text || "nothing";
}

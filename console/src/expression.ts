/** Completion of expressions: the word before the cursor, and the names that begin like it. */

export interface Name {
  name: string;
  type: string;
}

export const functions: Name[] = [
  { name: "has()", type: "whether a field exists" },
  { name: "size()", type: "number of characters, items or keys" },
  { name: "duration()", type: "such as duration(\"36h\")" },
  { name: "timestamp()", type: "a time" },
  { name: "int()", type: "a whole number" },
  { name: "double()", type: "a decimal" },
  { name: "string()", type: "a text" },
];

export interface Word {
  start: number;
  text: string;
}

/** The name that is being written at the cursor. */
export function wordAt(text: string, cursor: number): Word {
  const found = /[A-Za-z_][A-Za-z0-9_.]*$/.exec(text.slice(0, cursor));
  return found ? { start: found.index, text: found[0] } : { start: cursor, text: "" };
}

const most = 8;

/** The names for a word: those that begin like it first, then those that contain it. */
export function completions(names: Name[], word: string): Name[] {
  if (word === "") return [];
  const sought = word.toLowerCase();
  const begins = names.filter((each) => each.name.toLowerCase().startsWith(sought));
  const contains = names.filter((each) => !begins.includes(each) && each.name.toLowerCase().includes(sought));
  return [...begins, ...contains].filter((each) => each.name !== word).slice(0, most);
}

/** The text with the word replaced by a name, and the cursor behind it; inside the parentheses of a function. */
export function completed(text: string, word: Word, name: string): { text: string; cursor: number } {
  const end = word.start + word.text.length;
  const cursor = word.start + name.length - (name.endsWith("()") ? 1 : 0);
  return { text: text.slice(0, word.start) + name + text.slice(end), cursor };
}

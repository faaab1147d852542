/** Codes of a reward in a text: one a line, or the first column of CSV. */

export const codesAtOnce = 5_000;

export function codesIn(text: string): string[] {
  const codes = text
    .split(/\r\n|\n|\r/)
    .map((line) => {
      const cell = line.trim();
      const quoted = /^"((?:[^"]|"")*)"/.exec(cell);
      return (quoted?.[1] !== undefined ? quoted[1].replaceAll('""', '"') : (cell.split(/[,;\t]/)[0] ?? "")).trim();
    })
    .filter((code) => code !== "");
  return codes[0]?.toLowerCase() === "code" ? codes.slice(1) : codes;
}

export function inParts<Item>(all: Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, part) => all.slice(part * size, (part + 1) * size));
}

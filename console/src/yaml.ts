/** Definitions as YAML, in the form of a definitions file. Texts that YAML would read as something else are quoted. */

const plain = /^[A-Za-z][A-Za-z0-9 _./-]*$/;
const words = new Set(["true", "false", "null", "yes", "no", "on", "off", "y", "n"]);

function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const isPlain = plain.test(value) && !value.endsWith(" ") && !words.has(value.toLowerCase());
  return isPlain ? value : JSON.stringify(value);
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

function lines(value: object): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown) => {
      if (!isNested(item)) return [`- ${scalar(item)}`];
      const [first = "", ...rest] = lines(item);
      return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
    });
  }
  return Object.entries(value).flatMap(([name, item]: [string, unknown]) =>
    isNested(item) ? [`${scalar(name)}:`, ...lines(item).map((line) => `  ${line}`)] : [`${scalar(name)}: ${scalar(item)}`],
  );
}

export function yaml(value: object): string {
  return `${lines(value).join("\n")}\n`;
}

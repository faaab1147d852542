/** A call as a command that anybody can repeat. */

import type { Sent } from "./api";

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

export function curl(base: string, sent: Sent): string {
  const parts = [`curl ${quoted(base + sent.path)}`];
  if (sent.method !== "GET") parts.push(`-X ${sent.method}`);
  parts.push(`-H "X-API-Key: $KEY"`);
  if (sent.body !== undefined) parts.push(`-d ${quoted(JSON.stringify(sent.body))}`);
  return parts.join(" \\\n  ");
}

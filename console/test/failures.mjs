/** A reporter of Node's test runner: each test that failed, and why; nothing of those that passed. */

import { inspect } from "node:util";

export default async function* failures(source) {
  for await (const { type, data } of source) {
    if (type === "test:fail" && data.details.error.failureType !== "subtestsFailed") {
      yield `FAILED ${data.name} (${Math.round(data.details.duration_ms)} ms)\n${reason(data.details.error)}\n\n`;
    } else if (type === "test:stderr" || type === "test:stdout") yield data.message;
  }
}

function reason(error) {
  const cause = error.cause ?? error;
  return cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause);
}

/** Verifies the requests that a test writes to standard input, and prints the result of each. */

import { readFileSync } from "node:fs";
import { verify } from "laurels";

type Case = [headers: Record<string, string>, body: string, secret: string | string[], now: number];

const results: string[] = [];
for (const [headers, body, secret, now] of JSON.parse(readFileSync(0, "utf8")) as Case[]) {
  const options = { now: new Date(now * 1000) };
  try {
    const event = await verify(headers, body, secret, options);
    const same = await verify(new Headers(headers), new TextEncoder().encode(body), secret, options);
    const text = JSON.stringify(JSON.parse(body));
    results.push(JSON.stringify(event) === text && JSON.stringify(same) === text ? "verified" : "different");
  } catch (error) {
    results.push((error as Error).name);
  }
}
console.log(JSON.stringify(results));

/** Verification of webhooks: whether a request really came from Laurels, and recently. */

import { crypto } from "./ids.js";
import type { FeedAnswer } from "./types.js";

/** An event, as the feed and webhooks have it. A later version of Laurels may have further types. */
export type FeedEvent = FeedAnswer["events"][number];

/** The request did not come from Laurels, or it is too old. Respond with 400 and do nothing. */
export class NotVerifiedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** The headers of a request, as `Request` of `fetch` or Node's `IncomingMessage` has them. */
export type ReceivedHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyOptions {
  /** How much the clocks of sender and receiver may differ; 300 by default. */
  toleranceSeconds?: number;
  /** The current time; only tests need it. */
  now?: Date;
}

/**
 * The event in a request of a webhook. Throws `NotVerifiedError`.
 *
 * `body` is the body as it arrived, not parsed and written again. `secret` begins with `whsec_`; an array holds several that
 * are valid.
 */
export async function verify(
  headers: ReceivedHeaders,
  body: string | Uint8Array,
  secret: string | readonly string[],
  options: VerifyOptions = {},
): Promise<FeedEvent> {
  const id = header(headers, "webhook-id");
  const timestamp = header(headers, "webhook-timestamp");
  const given = header(headers, "webhook-signature")
    .split(" ")
    .filter((each) => each.startsWith("v1,"))
    .map((each) => base64(each.slice("v1,".length)))
    .filter((each) => each !== undefined);
  const text = typeof body === "string" ? body : new TextDecoder().decode(body);
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const signed = concatenated(new TextEncoder().encode(`${id}.${timestamp}.`), bytes);
  let matches = false;
  for (const each of typeof secret === "string" ? [secret] : secret) {
    const raw = base64(each.startsWith("whsec_") ? each.slice("whsec_".length) : each);
    if (raw === undefined || raw.length === 0) throw new TypeError("The secret must be whsec_ and a text in base64");
    const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    for (const signature of given) {
      if (await crypto.subtle.verify("HMAC", key, signature, signed)) matches = true;
    }
  }
  if (!matches) throw new NotVerifiedError("No signature matches");
  if (!/^[0-9]+$/.test(timestamp)) throw new NotVerifiedError("The header webhook-timestamp must be a number");
  const ageSeconds = (options.now ?? new Date()).getTime() / 1000 - Number(timestamp);
  if (Math.abs(ageSeconds) > (options.toleranceSeconds ?? 300)) {
    throw new NotVerifiedError(`The request was signed ${Math.round(ageSeconds)} seconds ago; see webhook-timestamp`);
  }
  return JSON.parse(text) as FeedEvent;
}

function header(headers: ReceivedHeaders, name: string): string {
  let value: unknown;
  if (typeof (headers as { get?: unknown }).get === "function") {
    value = (headers as { get(name: string): string | null }).get(name);
  } else {
    const found = Object.entries(headers).find(([each]) => each.toLowerCase() === name);
    value = found?.[1];
  }
  if (typeof value !== "string") throw new NotVerifiedError(`The header ${name} is missing`);
  return value;
}

/** The bytes of a text in base64; undefined if it is not one. */
function base64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function concatenated(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

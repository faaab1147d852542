/** The transport: sends calls, retries them, and decodes the responses. */

import { newId } from "./ids.js";
import { LaurelsError, UnreachableError, UnreadableResponseError, refused } from "./errors.js";
import { type Paged, Pages } from "./pages.js";
import { pause, pauseMs } from "./retries.js";

export interface LaurelsOptions {
  /** The address of Laurels, such as http://127.0.0.1:8080. */
  url: string;
  /** An API key. It may be missing in a browser that is signed in to the console. */
  key?: string;
  /** The name of one of several sessions of a browser. */
  session?: string;
  /** The timeout of one attempt, until its response has arrived; 30,000 by default. */
  timeoutMs?: number;
  /** The number of attempts after the first one; 4 by default. */
  retries?: number;
  /** Sends the requests; the platform's `fetch` by default. */
  fetch?: typeof fetch;
}

export interface CallOptions {
  /** Aborts the call. The request may have taken effect all the same. */
  signal?: AbortSignal;
}

/** A call of an API operation. The generated methods create it. */
export interface Call {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The path, with the names of the segments in braces. */
  path: string;
  segments?: Record<string, string>;
  query?: object | undefined;
  body?: object;
  /** Whether the body has an idempotency key. */
  isKeyed?: boolean;
  /** The field of the body whose items have idempotency keys. */
  keyedItems?: string;
  /** Whether the response is plain text. */
  isText?: boolean;
}

interface Keyed {
  idempotency_key?: string | null;
}

// Failures before the request is sent.
const nothingSent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "UND_ERR_CONNECT_TIMEOUT"]);

/** The base of the client. */
export class Transport {
  private readonly url: string;
  private readonly key: string | undefined;
  private readonly session: string | undefined;
  private readonly timeoutMs: number;
  private readonly retries: number;
  private readonly fetch: typeof fetch;

  constructor(options: LaurelsOptions) {
    if (!/^https?:\/\//.test(options.url)) {
      throw new TypeError(`The URL of Laurels must begin with http:// or https://, not ${options.url}`);
    }
    // The base URL that `laurels serve` prints includes the version.
    this.url = options.url.replace(/\/+$/, "").replace(/\/api\/v1$/, "");
    this.key = options.key;
    this.session = options.session;
    this.timeoutMs = options.timeoutMs ?? 30_000;
    this.retries = options.retries ?? 4;
    // A browser's fetch must be called without an object.
    this.fetch = options.fetch ?? ((...request) => fetch(...request));
  }

  protected async run<Result>(call: Call, options?: CallOptions): Promise<Result> {
    const { text, requestId } = await this.send(call, options, async (response) => response.text());
    return call.isText ? (text as Result) : decoded<Result>(text, call, requestId);
  }

  protected listed<Result extends Paged, Item>(
    call: Call,
    items: (response: Result) => Item[],
    options?: CallOptions,
  ): Pages<Result, Item> {
    return new Pages(
      (parameters) => this.run<Result>({ ...call, query: { ...call.query, ...parameters } }, options),
      items,
    );
  }

  /** The values of a response with one JSON value per line, as they arrive. */
  protected async *lines<Result>(call: Call, options?: CallOptions): AsyncGenerator<Result, void, undefined> {
    const { text: body, requestId } = await this.send(call, options, async (response) => response.body);
    const decoder = new TextDecoder();
    const reader = body?.getReader();
    let rest = "";
    try {
      // Not every browser loops over a stream.
      for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
        options?.signal?.throwIfAborted();
        const parts = (rest + decoder.decode(read.value, { stream: true })).split("\n");
        rest = parts.pop() ?? "";
        for (const line of parts) yield decoded<Result>(line, call, requestId);
      }
    } catch (error) {
      if (error instanceof LaurelsError || options?.signal?.aborted) throw error;
      throw this.unreachable(error, requestId);
    } finally {
      // The caller may have left the loop early.
      await reader?.cancel().catch(() => undefined);
    }
    if (rest) yield decoded<Result>(rest, call, requestId);
  }

  /** Sends a call, with retries. Every attempt has the same request id and the same bytes. */
  private async send<Read>(
    call: Call,
    options: CallOptions | undefined,
    read: (response: Response) => Promise<Read>,
  ): Promise<{ text: Read; requestId: string }> {
    const requestId = newId();
    const url = this.url + pathOf(call) + queryText(call.query);
    const body = call.body && JSON.stringify(withKeys(call, call.body), writable);
    const headers: Record<string, string> = { "X-Request-ID": requestId };
    if (this.key !== undefined) headers["X-API-Key"] = this.key;
    if (this.key === undefined || this.session !== undefined) headers["Laurels-Session"] = this.session ?? "1";
    if (body) headers["Content-Type"] = "application/json";
    const isRepeatable = call.method === "GET" || Boolean(call.isKeyed ?? call.keyedItems);
    for (let attempts = 1; ; attempts += 1) {
      let failure: LaurelsError;
      const attempt = new AbortController();
      const end = () => attempt.abort(options?.signal?.reason);
      options?.signal?.addEventListener("abort", end, { once: true });
      const timer = setTimeout(() => attempt.abort(new Error("timeout")), this.timeoutMs);
      try {
        options?.signal?.throwIfAborted();
        const init = { method: call.method, headers, signal: attempt.signal, ...(body ? { body } : {}) };
        const response = await this.fetch(url, init);
        if (response.ok) return { text: await read(response), requestId };
        failure = refused(response.status, response.headers, await response.text(), requestId);
      } catch (error) {
        if (options?.signal?.aborted) throw error;
        failure = this.unreachable(error, requestId);
      } finally {
        clearTimeout(timer);
        options?.signal?.removeEventListener("abort", end);
      }
      const wait = pauseMs(failure, attempts, this.retries, isRepeatable);
      if (wait === undefined) throw failure;
      await pause(wait, options?.signal);
    }
  }

  private unreachable(error: unknown, requestId: string): UnreachableError {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = (cause as { code?: string } | undefined)?.code ?? "";
    const why = (cause instanceof Error && cause.message) || code || String(cause);
    return new UnreachableError(`No response from ${this.url}: ${why}`, requestId, !nothingSent.has(code), error);
  }
}

/** The path with its segments. Throws TypeError. */
function pathOf(call: Call): string {
  return Object.entries(call.segments ?? {}).reduce(
    (path, [name, value]) => path.replace(`{${name}}`, () => quoted(name, value)),
    call.path,
  );
}

/** A value as one segment of a path. Untyped programs may pass any value, so its type is checked. */
function quoted(name: string, value: unknown): string {
  if (typeof value !== "string") throw new TypeError(`${name} must be a string, not ${String(value)}`);
  if (value === "") throw new TypeError(`${name} must not be empty`);
  // fetch interprets them as parts of the path, in any encoding (URL Standard, 4.1: dot segments).
  if (value === "." || value === "..") {
    throw new TypeError(`${name} must not be "${value}": fetch cannot send it in a URL's path; the Python client can`);
  }
  if (!isWellFormed(value)) throw new TypeError(`${name} must be well-formed Unicode, without lone surrogates`);
  return encodeURIComponent(value);
}

function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function queryText(query: object | undefined): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null);
  const text = new URLSearchParams();
  for (const [name, value] of given) {
    const values: unknown[] = Array.isArray(value) ? value : [value];
    text.set(name, values.map((each) => (each instanceof Date ? each.toISOString() : String(each))).join(","));
  }
  return given.length > 0 ? `?${text}` : "";
}

/** The body with idempotency keys: those of the caller, or new ones. Throws TypeError for other types of bodies. */
function withKeys(call: Call, body: unknown): object {
  if (!isObject(body)) throw new TypeError("the body must be an object");
  if (call.isKeyed) return keyed(body);
  if (!call.keyedItems) return body;
  const items = (body as Record<string, unknown>)[call.keyedItems];
  if (!Array.isArray(items)) throw new TypeError(`${call.keyedItems} must be an array`);
  return { ...body, [call.keyedItems]: items.map((item, index) => keyedItem(item, `${call.keyedItems}[${index}]`)) };
}

function keyedItem(item: unknown, path: string): Keyed {
  if (!isObject(item)) throw new TypeError(`${path} must be an object`);
  return keyed(item);
}

function keyed(item: Keyed): Keyed {
  return { ...item, idempotency_key: item.idempotency_key ?? newId() };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The replacer for JSON.stringify. Throws TypeError for NaN, infinity and invalid dates, which would be written as
 * null: they would count as missing values, and a reversal without an amount reverses everything.
 */
function writable(this: unknown, name: string, value: unknown): unknown {
  // The value of a date is already a string or null here.
  const given = (this as Record<string, unknown>)[name];
  if (given instanceof Date && Number.isNaN(given.getTime())) throw new TypeError(`${name} must be a valid date`);
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new TypeError(`${name} must be a finite number, not ${value}`);
  }
  return value;
}

function decoded<Result>(text: string, call: Call, requestId: string): Result {
  try {
    return JSON.parse(text) as Result;
  } catch (error) {
    const isRepeatable = call.method === "GET" || Boolean(call.isKeyed ?? call.keyedItems);
    const detail = `The response to ${call.method} ${call.path} cannot be read: ${String(error)}`;
    throw new UnreadableResponseError(detail, requestId, !isRepeatable, error);
  }
}

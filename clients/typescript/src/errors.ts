/** The errors of the client. */

import type { ErrorBody, FieldError } from "./types.js";

/** The base of all errors: the call failed. */
export class LaurelsError extends Error {
  /** A sentence to act on. */
  readonly detail: string;
  /** Identifies the request in the server's log. */
  readonly requestId: string;
  /** Whether the request may have taken effect despite the error. */
  readonly isOutcomeUnknown: boolean;

  constructor(detail: string, requestId: string, isOutcomeUnknown: boolean, cause?: unknown) {
    super(detail, { cause });
    this.name = new.target.name;
    this.detail = detail;
    this.requestId = requestId;
    this.isOutcomeUnknown = isOutcomeUnknown;
  }
}

/** There was no response: no connection, a broken connection, or a timeout. */
export class UnreachableError extends LaurelsError {}

/** The response is not one of Laurels. The URL may be that of another service. */
export class UnreadableResponseError extends LaurelsError {}

/** An error response of Laurels, or of a proxy in front of Laurels. */
export class RefusedError extends LaurelsError {
  /** Identifies the error for programs; docs/errors.md lists the codes. Empty for the response of a proxy. */
  readonly code: string;
  /** With 422: the problems of each field. */
  readonly errors: FieldError[];
  /** With 403: the key needs one of these scopes. */
  readonly sufficientScopes: string[];

  constructor(
    readonly status: number,
    body: ErrorBody,
    requestId: string,
    isOutcomeUnknown: boolean,
    readonly retryAfterSeconds?: number,
  ) {
    super(body.detail, requestId, isOutcomeUnknown);
    this.message = `${status}: ${body.detail}`;
    // Older servers send neither a code nor scopes.
    this.code = body.code ?? "";
    this.errors = body.errors ?? [];
    this.sufficientScopes = body.sufficient_scopes ?? [];
  }
}

/** 400: a rule of the game does not allow the request, such as spending more points than the balance. */
export class NotAllowedError extends RefusedError {}

/** 401 or 403: the API key is invalid, or its scope is not sufficient. */
export class KeyRefusedError extends RefusedError {}

/** 404: there is no such object. */
export class NotFoundError extends RefusedError {}

/** 409: something already exists or is still in use. */
export class ConflictError extends RefusedError {}

/** 413 or 422: the request is invalid; `errors` lists the fields. */
export class InvalidRequestError extends RefusedError {}

/** 429: the rate limit is exceeded, and all retries have failed. */
export class RateLimitedError extends RefusedError {}

/** 500 or above, after all retries. */
export class ServerFailedError extends RefusedError {}

const byStatus: Record<number, typeof RefusedError> = {
  400: NotAllowedError,
  401: KeyRefusedError,
  403: KeyRefusedError,
  404: NotFoundError,
  409: ConflictError,
  413: InvalidRequestError,
  422: InvalidRequestError,
  429: RateLimitedError,
};

/** The error for an error response. */
export function refused(status: number, headers: Headers, text: string, requestId: string): RefusedError {
  const kind = status >= 500 ? ServerFailedError : (byStatus[status] ?? RefusedError);
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return new kind(
    status,
    errorBody(text),
    headers.get("x-request-id") ?? requestId,
    isOutcomeUnknown(status, headers),
    Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined,
  );
}

/** The body of the response, or one that is made from the page of a proxy. */
function errorBody(text: string): ErrorBody {
  try {
    const body = JSON.parse(text) as ErrorBody;
    if (typeof body.detail === "string") return body;
  } catch {
    // Not JSON.
  }
  return { detail: text.slice(0, 500).trim() || "An error without an explanation", code: "" };
}

/**
 * Whether the request may have taken effect. Laurels sends a request id with every response, and a header if the
 * outcome is unknown; a proxy sends neither.
 */
function isOutcomeUnknown(status: number, headers: Headers): boolean {
  if (status === 503 && headers.has("x-request-id")) return headers.has("outcome-unknown");
  return status >= 500;
}

/** What a call can end in instead of an answer. */

import type { ErrorBody, FieldError } from "./types.js";

/** Any call that brought no answer. */
export class LaurelsError extends Error {
  /** A sentence to act on. */
  readonly detail: string;
  /** Finds the request in the server's log. */
  readonly requestId: string;
  /** The request may have taken effect all the same. */
  readonly isOutcomeUnknown: boolean;

  constructor(detail: string, requestId: string, isOutcomeUnknown: boolean, cause?: unknown) {
    super(detail, { cause });
    this.name = new.target.name;
    this.detail = detail;
    this.requestId = requestId;
    this.isOutcomeUnknown = isOutcomeUnknown;
  }
}

/** No answer came: no connection, a connection that broke, or none in time. */
export class UnreachableError extends LaurelsError {}

/** The answer is not what Laurels answers; the URL may lead to something else. */
export class UnreadableAnswerError extends LaurelsError {}

/** Laurels, or a proxy before it, answered with an error. */
export class RefusedError extends LaurelsError {
  /** Names the error for programs; docs/errors.md lists the codes. Empty in the response of a proxy. */
  readonly code: string;
  /** With 422: what is wrong with which field. */
  readonly errors: FieldError[];
  /** With 403: the scopes of which a key needs one. */
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
    // An older server sends neither a code nor scopes.
    this.code = body.code ?? "";
    this.errors = body.errors ?? [];
    this.sufficientScopes = body.sufficient_scopes ?? [];
  }
}

/** 400: the rules of the game do not allow it, such as spending more points than there are. */
export class NotAllowedError extends RefusedError {}

/** 401 or 403: the API key is not valid, or not for this. */
export class KeyRefusedError extends RefusedError {}

/** 404. */
export class NotFoundError extends RefusedError {}

/** 409: something is there already, or still in use. */
export class ConflictError extends RefusedError {}

/** 413 or 422: the request itself is wrong; `errors` names the fields. */
export class InvalidRequestError extends RefusedError {}

/** 429, and the retries are used up. */
export class RateLimitedError extends RefusedError {}

/** 500 and above, and the retries are used up. */
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

/** The exception for an answer that is no success. */
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

/** Of Laurels, or a proxy's page made into one. */
function errorBody(text: string): ErrorBody {
  try {
    const body = JSON.parse(text) as ErrorBody;
    if (typeof body.detail === "string") return body;
  } catch {
    // Not JSON.
  }
  return { detail: text.slice(0, 500).trim() || "An error without an explanation", code: "" };
}

/** Laurels marks every answer with a request id, and those with an unknown outcome as such; a proxy neither. */
function isOutcomeUnknown(status: number, headers: Headers): boolean {
  if (status === 503 && headers.has("x-request-id")) return headers.has("outcome-unknown");
  return status >= 500;
}

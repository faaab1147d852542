/** When a call is made again, and after how long. */

import { type LaurelsError, RefusedError, UnreachableError } from "./errors.js";

const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** A server that asks for more than this is not waited for. */
const longestWaitMs = 30_000;
const passing = new Set([429, 502, 503, 504]);

/**
 * How long to wait before a call is made again; undefined when it must not be.
 *
 * `attempts` counts those made, `limit` how many may follow the first. `isRepeatable`: doing it twice does what doing
 * it once does. Other calls are made again only when the failed one did nothing for certain. Pauses double, and vary
 * at random so that many clients do not come at once.
 */
export function pauseMs(
  failure: LaurelsError,
  attempts: number,
  limit: number,
  isRepeatable: boolean,
): number | undefined {
  if (attempts > limit || !mayPass(failure) || (failure.isOutcomeUnknown && !isRepeatable)) return undefined;
  const askedMs = failure instanceof RefusedError ? (failure.retryAfterSeconds ?? 0) * 1_000 : 0;
  if (askedMs > longestWaitMs) return undefined;
  return askedMs + Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** attempts);
}

function mayPass(failure: LaurelsError): boolean {
  return failure instanceof RefusedError ? passing.has(failure.status) : failure instanceof UnreachableError;
}

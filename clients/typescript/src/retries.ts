/** Retries: decides whether a call is repeated, and after which pause. */

import { type LaurelsError, RefusedError, UnreachableError } from "./errors.js";

const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** The client does not wait for a longer Retry-After. */
const longestWaitMs = 30_000;
const temporaryStatuses = new Set([429, 502, 503, 504]);

/**
 * The pause before the next attempt; undefined if the call must not be repeated.
 *
 * `attempts` is the number of attempts so far, `limit` the number of retries. `isRepeatable`: calling it twice has the
 * same effect as calling it once. Other calls are repeated only if the failed attempt certainly had no effect. Pauses
 * double and vary at random, so that many clients do not retry at the same time.
 */
export function pauseMs(
  failure: LaurelsError,
  attempts: number,
  limit: number,
  isRepeatable: boolean,
): number | undefined {
  if (attempts > limit || !isTemporary(failure) || (failure.isOutcomeUnknown && !isRepeatable)) return undefined;
  const retryAfterMs = failure instanceof RefusedError ? (failure.retryAfterSeconds ?? 0) * 1_000 : 0;
  if (retryAfterMs > longestWaitMs) return undefined;
  return retryAfterMs + Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** attempts);
}

function isTemporary(failure: LaurelsError): boolean {
  return failure instanceof RefusedError
    ? temporaryStatuses.has(failure.status)
    : failure instanceof UnreachableError;
}

/** Waits, or rejects with the signal's reason as soon as that is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", end);
      resolve();
    }, ms);
    signal?.addEventListener("abort", end, { once: true });
  });
}

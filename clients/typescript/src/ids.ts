/** Random ids: of requests, and idempotency keys. */

interface Subtle {
  importKey(
    format: "raw",
    key: Uint8Array<ArrayBuffer>,
    algorithm: { name: "HMAC"; hash: "SHA-256" },
    isExtractable: boolean,
    usages: "verify"[],
  ): Promise<unknown>;
  verify(
    algorithm: "HMAC",
    key: unknown,
    signature: Uint8Array<ArrayBuffer>,
    signed: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}

interface Cryptography {
  readonly subtle: Subtle;
  getRandomValues(bytes: Uint8Array): Uint8Array;
}

// Node 18 has it in a module alone; no browser looks for that.
const node = "node:crypto";
export const crypto: Cryptography =
  (globalThis as { crypto?: Cryptography }).crypto ??
  ((await import(/* @vite-ignore */ node)) as { webcrypto: Cryptography }).webcrypto;

/** A UUID of version 4. Browsers have `randomUUID` on secure pages alone. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

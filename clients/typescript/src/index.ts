/** A client for Laurels, for Node 18 and newer; see docs/clients.md. */

export { Laurels } from "./client.js";
export * from "./errors.js";
export { type Paged, Pages } from "./pages.js";
export type { CallOptions, LaurelsOptions } from "./transport.js";
export type * from "./types.js";
export { type FeedEvent, NotVerifiedError, type ReceivedHeaders, verify, type VerifyOptions } from "./webhooks.js";

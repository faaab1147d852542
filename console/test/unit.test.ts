/** What the console computes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { EventShown, TransactionAnswer } from "laurels";

import { curl } from "../src/curl";
import { asWritten, differences, fieldsOf } from "../src/definitions/schema";
import { may } from "../src/roles";
import { distance, plural, signed, words } from "../src/text";
import { merged } from "../src/timeline";

const transaction = (id: string, at: string) => ({ id, created_at: at }) as TransactionAnswer;
const event = (id: string, at: string) => ({ id, occurred_at: at }) as EventShown;

test("a timeline is as long as both of its lists are known", () => {
  const loaded = {
    transactions: [transaction("t3", "2026-03-03T00:00:00Z"), transaction("t2", "2026-03-02T00:00:00Z")],
    events: [event("e4", "2026-03-04T00:00:00Z"), event("e1", "2026-03-01T00:00:00Z")],
    moreTransactions: "cursor",
    moreEvents: null,
  };
  assert.deepEqual(merged(loaded).map((each) => each.id), ["e4", "t3", "t2"]);
  assert.deepEqual(merged({ ...loaded, moreTransactions: null }).map((each) => each.id), ["e4", "t3", "t2", "e1"]);
  assert.deepEqual(merged({ transactions: [], events: [], moreTransactions: null, moreEvents: null }), []);
});

test("entries of one moment have the newest id first", () => {
  const at = "2026-03-01T00:00:00Z";
  const loaded = { transactions: [transaction("b", at)], events: [event("a", at)], moreTransactions: null, moreEvents: null };
  assert.deepEqual(merged(loaded).map((each) => each.id), ["b", "a"]);
});

test("numbers and words", () => {
  assert.equal(signed(-1_234), "−1,234");
  assert.equal(signed(5), "+5");
  assert.equal(plural(1, "point"), "1 point");
  assert.equal(plural(2_000, "person", "people"), "2,000 people");
  assert.equal(words("award_reversal"), "Award reversal");
});

test("distances", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  assert.equal(distance("2026-03-01T11:59:50Z", now), "just now");
  assert.equal(distance("2026-03-01T11:00:00Z", now), "1 hour ago");
  assert.equal(distance("2026-03-03T12:00:00Z", now), "in 2 days");
  assert.equal(distance("2024-03-01T12:00:00Z", now), "2 years ago");
});

test("a call can be repeated in a shell, whatever it holds", () => {
  const sent = { method: "POST", path: "/api/v1/x", body: { reason: "it's $HOME `x`" } };
  assert.equal(
    curl("http://h", sent),
    `curl 'http://h/api/v1/x' \\\n  -X POST \\\n  -H "X-API-Key: $KEY" \\\n  -d '{"reason":"it'\\''s $HOME \`x\`"}'`,
  );
});

test("each scope may what those before it may", () => {
  assert.deepEqual(
    (["gamify", "gamify:read", "gamify:support", "gamify:admin", "admin", "operator"] as const).map((scope) =>
      (["read", "support", "define", "keys"] as const).filter((task) => may(scope, task)).length,
    ),
    [0, 1, 2, 3, 4, 4],
  );
});

test("a form has a field for each property of the schema", () => {
  const nothing = { type: "null" };
  const fields = fieldsOf({
    required: ["name"],
    properties: {
      name: { type: "string", maxLength: 200, description: "What it is called." },
      condition: { anyOf: [{ type: "string", maxLength: 2_000, description: "CEL." }, nothing], default: null },
      level: { anyOf: [{ type: "integer", minimum: 1, maximum: 9 }, nothing], default: 1 },
      is_active: { anyOf: [{ type: "boolean" }, nothing], default: true },
      period: { enum: ["daily", "weekly"] },
      actions: { type: "array" },
      amount: { anyOf: [{ type: "integer" }, { type: "string" }] },
    },
  });
  assert.deepEqual(
    fields.map((each) => [each.name, each.kind, each.isRequired, each.help, each.first]),
    [
      ["name", "text", true, "What it is called.", null],
      ["condition", "long", false, "CEL.", null],
      ["level", "integer", false, "", 1],
      ["is_active", "boolean", false, "", true],
      ["period", "choice", false, "", null],
      ["actions", "json", false, "", null],
      ["amount", "json", false, "", null],
    ],
  );
  assert.deepEqual(fields.find((each) => each.name === "level"), { ...fields[2], minimum: 1, maximum: 9 });
});

test("a draft is compared with what is live, and written as a file has it", () => {
  const live = { id: "1", code: "a", limit: null, actions: [{ amount: 1 }], updated_at: "2026-03-01T00:00:00Z" };
  const draft = { ...live, actions: [{ amount: 2 }], group: undefined };
  assert.deepEqual(differences(live, draft), [{ name: "actions", before: [{ amount: 1 }], after: [{ amount: 2 }] }]);
  assert.deepEqual(asWritten(live), { code: "a", actions: [{ amount: 1 }] });
});

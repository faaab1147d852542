/** What the console computes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { HistoryFact, LostStreak } from "laurels";

import { codesIn, inParts } from "../src/codes";
import { curl } from "../src/curl";
import type { Definition } from "../src/definitions/kinds";
import { fileOf, planned } from "../src/definitions/plan";
import { usedBy, uses } from "../src/definitions/references";
import { inWords } from "../src/definitions/changes";
import { asWritten, differences, emptyOf, fieldsOf, leaves } from "../src/definitions/schema";
import { completed, completions, wordAt } from "../src/expression";
import { compared, dayAfter, topOf } from "../src/figures";
import { problemOf } from "../src/parts/problem";
import { may } from "../src/roles";
import { fileName } from "../src/download";
import { cityOf, dayAndTime, dayAndTimeThere, distance, lengthIn, localInput, plural, signed, span, words } from "../src/text";
import { fittingBalances, isLate, kindsOf, reversedOf, withLosses } from "../src/timeline";
import { windowBefore } from "../src/windows";
import { upcoming } from "../src/upcoming";
import { yaml } from "../src/yaml";

const fact = (sequence: number, kind = "points_awarded", data: Record<string, unknown> = { amount: 1 }) =>
  ({ fact_id: `f${sequence}`, sequence, kind, data }) as HistoryFact;

test("a balance is shown where it fits to the entries around it", () => {
  const fitting = (...sequences: number[]) => [...fittingBalances(sequences.map((each) => fact(each)))];
  assert.deepEqual(fitting(3, 2, 1), ["f3", "f2", "f1"]);
  // The fourth was recorded last, but happened before the second and the third.
  assert.deepEqual(fitting(5, 3, 2, 4, 1), ["f5", "f1"]);
  assert.deepEqual([...fittingBalances([fact(2), fact(3, "badge_earned", {}), fact(1)])], ["f2", "f1"]);
  assert.deepEqual([...fittingBalances([fact(1, "reward_claimed", { amount: 0 })])], []);
});

test("an entry is late if it was recorded a minute after it happened", () => {
  const recorded = (at: string) => isLate({ ...fact(1), at: "2026-03-01T10:00:00Z", recorded_at: at });
  assert.deepEqual([recorded("2026-03-01T10:00:59Z"), recorded("2026-03-01T10:01:00Z"), recorded("2026-03-01T09:59:00Z")], [false, true, false]);
});

test("losses are between the facts, as far back as these are known", () => {
  const at = (sequence: number, day: number) => ({ ...fact(sequence), at: `2026-03-0${day}T10:00:00Z` });
  const lost = (day: number) => ({ code: "visits", lost_at: `2026-03-0${day}T00:00:00Z` }) as LostStreak;
  const shown = (hasMore: boolean) => withLosses([at(2, 5), at(1, 3)], [lost(6), lost(4), lost(2)], hasMore).map((each) => each.at.slice(8, 13));
  assert.deepEqual(shown(true), ["06T00", "05T10", "04T00", "03T10"]);
  assert.deepEqual(shown(false), ["06T00", "05T10", "04T00", "03T10", "02T00"]);
  assert.deepEqual(withLosses([], [lost(2)], false).map((each) => each.kind), ["lost"]);
});

test("a streak in its own periods", () => {
  assert.equal(span("2026-11-21", "2026-11-24"), "21–24 Nov 2026");
  assert.equal(span("2026-11-30", "2026-12-01"), "30 Nov–1 Dec 2026");
  assert.equal(span("2026-11-30", "2026-11-30"), "30 Nov 2026");
  assert.equal(span("2026-W07", "2026-W09"), "2026-W07–2026-W09");
  assert.deepEqual([lengthIn("daily", 1), lengthIn("weekly", 2), lengthIn("monthly", 3)], ["1 day", "2 weeks", "3 months"]);
});

test("another zone has its day only where that is another one", () => {
  assert.equal(dayAndTimeThere("2026-03-01T10:30:00Z", "Europe/Berlin", "UTC"), "11:30");
  assert.match(dayAndTimeThere("2026-03-01T15:30:00Z", "Asia/Tokyo", "UTC"), /^Mon,? 2 Mar,? 00:30$/);
});

test("the city of a zone, and the file of a person", () => {
  assert.deepEqual([cityOf("America/New_York"), cityOf("UTC")], ["New York", "UTC"]);
  assert.equal(fileName("ada@example.com"), "personal-data-ada@example.com.json");
  assert.equal(fileName("../a b/ü"), "personal-data-.._a_b_ü.json");
});

test("a number that is not possible has a sentence", () => {
  const problem = (given: string) =>
    problemOf([{ name: "n", label: "Points", kind: "number", most: 5, tooMuch: "Only 5." }], { n: given });
  assert.deepEqual(["", "5", "6", "0", "1.5", "x"].map(problem), [
    undefined, undefined, "Only 5.", "Points: at least 1.", "Points: whole numbers only.", "Points: whole numbers only.",
  ]);
});

test("a moment in another zone", () => {
  assert.match(dayAndTime("2026-03-01T15:30:00Z", new Date("2026-06-01T12:00:00Z"), "Asia/Tokyo"), /^Mon,? 2 Mar,? 00:30$/);
  assert.match(dayAndTime("2026-03-01T15:30:00Z", new Date("2026-06-01T12:00:00Z"), "Not/AZone"), /Mar/);
});

test("each kind of fact is asked for once", () => {
  const kinds = kindsOf("all").split(",");
  assert.equal(new Set(kinds).size, kinds.length);
  assert.ok(["points_awarded", "tier_assigned", "claim_fulfilled", "streak_recorded"].every((each) => kinds.includes(each)));
  assert.equal(kindsOf("claims"), "reward_claimed,claim_fulfilled,claim_cancelled");
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

test("the points of a transaction that were reversed", () => {
  const reversal = (of: string, amount: number) => fact(1, "award_reversed", { transaction_id: of, amount });
  const sums = reversedOf([reversal("a", 40), fact(2), reversal("a", 2), reversal("b", 1)]);
  assert.deepEqual([...sums], [["a", 42], ["b", 1]]);
});

test("a line of a history has its day, and its year if that is another one", () => {
  const moment = "2026-03-01T12:30:00Z";
  assert.match(dayAndTime(moment, new Date("2026-06-01T12:00:00Z")), /^Sun,? 1 Mar,? \d\d:30$/);
  assert.match(dayAndTime(moment, new Date("2027-06-01T12:00:00Z")), /^Sun,? 1 Mar 2026,? \d\d:30$/);
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
      actions: { type: "array", items: { anyOf: [{ $ref: "#/components/schemas/Give" }, { $ref: "#/components/schemas/Take" }] } },
      limit: { anyOf: [{ $ref: "#/components/schemas/Limit" }, nothing] },
      codes: { type: "array", items: { type: "string" } },
      free: { type: "object" },
      amount: { anyOf: [{ type: "integer" }, { type: "string" }] },
    },
  }, {
    Give: { properties: { type: { enum: ["give"] }, amount: { type: "integer" } } },
    Take: { properties: { type: { enum: ["take"] }, reason: { type: "string" } } },
    Limit: { properties: { day: { type: "integer" } } },
  });
  assert.deepEqual(
    fields.map((each) => [each.name, each.kind, each.isRequired, each.help, each.first]),
    [
      ["name", "text", true, "What it is called.", null],
      ["condition", "long", false, "CEL.", null],
      ["level", "integer", false, "", 1],
      ["period", "choice", false, "", null],
      ["actions", "list", false, "", null],
      ["limit", "object", false, "", null],
      ["codes", "list", false, "", null],
      ["free", "json", false, "", null],
      ["amount", "amount", false, "", null],
      ["is_active", "boolean", false, "", true],
    ],
  );
  const actions = fields.find((each) => each.name === "actions")?.item?.variants ?? [];
  assert.deepEqual(actions.map((each) => [each.type, each.fields.map((field) => field.name)]), [["give", ["amount"]], ["take", ["reason"]]]);
  assert.deepEqual(actions[0] && emptyOf(actions[0]), { type: "give", amount: null });
  assert.deepEqual(fields.find((each) => each.name === "level"), { ...fields[2], minimum: 1, maximum: 9 });
});

test("a draft is compared with what is live, and written as a file has it", () => {
  const live = { id: "1", code: "a", limit: null, actions: [{ amount: 1 }], updated_at: "2026-03-01T00:00:00Z" };
  const draft = { ...live, actions: [{ amount: 2 }], group: undefined };
  assert.deepEqual(differences(live, draft), [{ name: "actions", before: [{ amount: 1 }], after: [{ amount: 2 }] }]);
  assert.deepEqual(asWritten(live), { code: "a", actions: [{ amount: 1 }] });
});

test("a comparison has the smallest values that differ", () => {
  const points = { type: "award_points", amount: 5, reason: null };
  const badge = { type: "award_badge", badge_code: "owl" };
  const inActions = (before: unknown, after: unknown) => leaves(["Actions"], before, after);
  assert.deepEqual(inActions([points], [{ ...points, amount: 8 }]), [{ path: ["Actions", "Award points", "Amount"], before: 5, after: 8 }]);
  assert.deepEqual(inActions([points], [points, badge]), [{ path: ["Actions"], before: undefined, after: badge }]);
  assert.deepEqual(inActions([points, badge], [badge]), [{ path: ["Actions"], before: points, after: undefined }]);
  assert.deepEqual(inActions([points, badge], [badge, points])[0]?.path, ["Actions", "Order"]);
  assert.deepEqual(inActions([points], [badge]).length, 2);
  const twice = inActions([points, { ...points, amount: 6 }], [{ ...points, amount: 7 }, { ...points, amount: 8 }]);
  assert.deepEqual(twice.map(({ before, after }) => [before, after]), [[5, 7], [6, 8]]);
  const [a, b] = [{ code: "a", target: 1 }, { code: "b", target: 2 }];
  assert.deepEqual(leaves([], [a, b], [{ ...b, target: 3 }, a]), [{ path: ["b", "Target"], before: 2, after: 3 }]);
  const limits = leaves(["Limit"], { per_participant: { day: 3 } }, { per_participant: { day: null, week: 9 } });
  assert.deepEqual(limits.map(({ path }) => path.join(" ")), ["Limit Per participant Day", "Limit Per participant Week"]);
  assert.deepEqual(leaves(["Limit"], null, { day: 3 }), [{ path: ["Limit"], before: null, after: { day: 3 } }]);
  assert.deepEqual(leaves(["Types"], ["a", "b"], ["b", "c"]).map(({ before, after }) => before ?? after), ["a", "c"]);
});

test("values of definitions in words", () => {
  assert.equal(inWords({ type: "award_points", amount: 1_500, reason: null, expires_in_days: 30 }), "Award points: amount 1,500, expires in days 30");
  assert.deepEqual([null, "", [], {}, true, "a"].map(inWords), ["nothing", "nothing", "nothing", "nothing", "yes", "a"]);
  assert.equal(inWords([{ code: "a" }, { code: "b" }]), "code a; code b");
});

test("YAML quotes each text that would be read as something else", () => {
  const value = {
    rules: [
      { code: "a_b", name: "Yes", on: "no", number: "12", when: "x: 1", lines: "a\nb", list: [1, "two", []], none: {}, deep: { x: null } },
      [true, "it's"],
    ],
  };
  assert.equal(
    yaml(value),
    `rules:
  - code: a_b
    name: "Yes"
    "on": "no"
    number: "12"
    when: "x: 1"
    lines: "a\\nb"
    list:
      - 1
      - two
      - []
    none: {}
    deep:
      x: null
  - - true
    - "it's"
`,
  );
});

const definition = (code: string, more: object = {}) =>
  ({ id: `id-${code}`, code, name: code, is_active: true, updated_at: "", deleted_at: null, ...more }) as Definition;

test("a plan creates before it refers, changes what differs, and leaves the rest", () => {
  const present = { badges: [definition("same", { rarity: "rare" }), definition("only_here")], rules: [definition("old", { limit: 1 })] };
  const file = {
    rules: [{ code: "new", name: "New" }, { code: "old", name: "old", limit: 2 }],
    badges: [{ code: "same", name: "same", rarity: "rare" }, { code: "fresh", name: "Fresh" }],
  };
  const steps = planned(file, present).map((step) => [step.kind.name, step.code, step.live?.id, step.changes.map((each) => each.name)]);
  assert.deepEqual(steps, [
    ["badges", "fresh", undefined, ["code", "name"]],
    ["rules", "new", undefined, ["code", "name"]],
    ["rules", "old", "id-old", ["limit"]],
  ]);
  assert.deepEqual(planned(fileOf(present), present), []);
});

test("references are found in all depths, each once", () => {
  const rule = { actions: [{ badge_code: "a" }, { badge_code: "a" }, { nested: { streak_code: "s" } }], required_badges: ["b", "a"] };
  assert.deepEqual(uses(rule).map((each) => `${each.section} ${each.code}`), ["badges a", "streaks s", "badges b"]);
  const all = { rules: [definition("r", rule), definition("other")] };
  assert.deepEqual(usedBy(all, "badges", "b"), [{ section: "rules", code: "r" }]);
  assert.deepEqual(usedBy(all, "tiers", "b"), []);
});

test("codes in files", () => {
  assert.deepEqual(codesIn('code\r\nA-1,first\r\n"B ""2""";x\n\n  C\t3\n'), ["A-1", 'B "2"', "C"]);
  assert.deepEqual(inParts([1, 2, 3], 2), [[1, 2], [3]]);
});

test("completion of expressions", () => {
  const names = [{ name: "participant.balance", type: "int" }, { name: "event.name", type: "string" }, { name: "has()", type: "" }];
  assert.deepEqual(wordAt("a && part", 9), { start: 5, text: "part" });
  assert.deepEqual(completions(names, "part").map((each) => each.name), ["participant.balance"]);
  assert.deepEqual(completions(names, "nam").map((each) => each.name), ["event.name"]);
  assert.deepEqual(completions(names, ""), []);
  assert.deepEqual(completed("a && ha > 1", { start: 5, text: "ha" }, "has()"), { text: "a && has() > 1", cursor: 9 });
});

test("comparisons with the period before", () => {
  assert.deepEqual(compared(12, 10), { text: "+20 %", direction: "up" });
  assert.deepEqual(compared(5, 10), { text: "−50 %", direction: "down" });
  assert.deepEqual(compared(3, 0), { text: "before: 0", direction: "up" });
  assert.deepEqual(compared(3, -1_200), { text: "before: -1,200", direction: "up" });
  assert.deepEqual(compared(0, 0), { text: "no change", direction: "same" });
  assert.equal(dayAfter("2026-03-01", -1), "2026-02-28");
  assert.deepEqual([[3, 41], [0], [1_234], [7]].map(topOf), [50, 1, 2_000, 10]);
});

test("the window before another one", () => {
  const keys = ["2026-03-01", "2024-03-01", "2026-01", "2026-11", "2026-W07", "2026-W01", "2027-W01", "2021-W01", "2026", "all"];
  const before = ["2026-02-28", "2024-02-29", "2025-12", "2026-10", "2026-W06", "2025-W52", "2026-W53", "2020-W53", "2025", undefined];
  assert.deepEqual(keys.map(windowBefore), before);
});

test("what happens next", () => {
  const challenges = [definition("c", { ends_at: "2026-03-05T00:00:00Z", starts_at: "2026-02-01T00:00:00Z" })];
  const off = [definition("off", { is_active: false, ends_at: "2026-03-05T00:00:00Z" })];
  const liability = { by_expiry_month: [{ month: "2026-03", points: 5 }, { month: null, points: 7 }] };
  const moments = upcoming({ challenges, rewards: off }, liability as Parameters<typeof upcoming>[1], "2026-03-01T00:00:00Z");
  assert.deepEqual(moments.map((each) => each.what), ["5 points expire", "The challenge c ends"]);
});

test("a list of choices, and the fields that only responses of webhooks have", () => {
  const schema = { properties: { types: { type: "array", items: { enum: ["*", "badge.earned"] } } }, required: ["types"] };
  const [types] = fieldsOf(schema);
  assert.equal(fieldsOf({ properties: { image_url: { type: "string", maxLength: 2_000 } } })[0]?.kind, "text");
  assert.deepEqual([types?.kind, types?.choices, types?.isRequired], ["choices", ["*", "badge.earned"], true]);
  const shown = { id: "1", code: "crm", secret: "whsec_1", failing_since: "2026-03-01T00:00:00Z", disabled_reason: "gone", types: ["*"] };
  assert.deepEqual(asWritten(shown), { code: "crm", types: ["*"] });
});

test("headers are rows of texts, times are moments, and what is null in a body is empty in a form", () => {
  const texts = { type: "object", additionalProperties: { type: "string" } };
  const fields = fieldsOf({
    properties: {
      headers: { description: "Null for none; `null` too.", anyOf: [texts, { type: "null" }], default: {} },
      starts_at: { anyOf: [{ type: "string", format: "date-time" }, { type: "null" }] },
      from: { type: "string", format: "date" },
    },
  });
  assert.deepEqual(fields.map(({ kind, help }) => [kind, help]), [["texts", "Empty for none; `empty` too."], ["moment", ""], ["day", ""]]);
});

test("a moment in a field for local times is the same moment", () => {
  const moment = new Date("2026-03-01T09:30:15Z");
  assert.equal(new Date(localInput(moment, true)).toISOString(), moment.toISOString());
  moment.setSeconds(0);
  assert.equal(new Date(localInput(moment)).toISOString(), moment.toISOString());
});

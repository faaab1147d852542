/** Runs one scenario against the Laurels at LAURELS_URL, and prints what came of it as JSON. */

import assert from "node:assert/strict";

import {
  type AwardBatchRequest,
  type AwardPointsRequest,
  ConflictError,
  InvalidRequestError,
  Laurels,
  LaurelsError,
  NotAllowedError,
  NotFoundError,
  RefusedError,
  UnreachableError,
} from "laurels";

const url = process.env["LAURELS_URL"] ?? "";
const key = process.env["LAURELS_KEY"] ?? "";
const laurels = new Laurels({ url, key, timeoutMs: Number(process.env["TIMEOUT_MS"] ?? 5_000) });
const ada = `${process.argv[2]} ada/№1`;

async function notSent(fields: Partial<AwardPointsRequest>, said: string): Promise<void> {
  await assert.rejects(laurels.awardPoints({ participant_id: ada, amount: 1, ...fields }), new TypeError(said));
}

const scenarios: Record<string, () => Promise<unknown>> = {
  async session() {
    const award = await laurels.awardPoints({ participant_id: ada, amount: 1_100, metadata: { step: 3 } });
    assert.equal(award.tier_upgrade?.code, "silver");
    const hold = await laurels.holdPoints({ participant_id: ada, amount: 400, expires_in_minutes: 30 });
    const captured = await laurels.captureHold({ participant_id: ada, hold_id: hold.hold_id, amount: 150 });
    assert.equal(captured.released_amount, 250);
    const board = await laurels.leaderboardStandings("top_scorers", { period: "daily", around: ada });
    assert.ok(board.entries.some((entry) => entry.participant_id === ada));
    const state = await laurels.participantState(ada, { include: "points" });
    assert.equal(state.tier, undefined);
    const sections = await laurels.participantState(ada, { include: ["points", "tier"] });
    assert.equal(sections.tier?.code, "silver");
    const { badges } = await laurels.participantBadges(ada, { badge_codes: ["first_steps", "nobody_defined_this"] });
    assert.deepEqual(badges.map((badge) => badge.code), ["first_steps"]);
    return (await laurels.participantPoints(ada)).balance;
  },

  async definitions() {
    const rule = await laurels.createRule({
      code: "typescript_order",
      name: "Order",
      event_name: "typescript_order",
      actions: [{ type: "award_points", amount: "int(event.properties.amount)" }],
    });
    const changed = await laurels.updateRule(rule.id, { description: "For the shop" });
    assert.deepEqual([changed.description, changed.actions], ["For the shop", rule.actions]);
    const properties = { amount: 149.5 };
    const event = await laurels.recordEvent({ participant_id: ada, event_name: "typescript_order", properties });
    await assert.rejects(laurels.createRule({ ...rule, priority: 1 } as never), LaurelsError);
    await laurels.deleteRule(rule.id);
    await assert.rejects(laurels.getRule(rule.id), NotFoundError);
    return event.effects.points.map((effect) => effect.amount);
  },

  async pages() {
    const given: string[] = [];
    for (let amount = 1; amount <= 25; amount += 1) {
      given.unshift((await laurels.awardPoints({ participant_id: ada, amount })).transaction_id);
    }
    const transactions = laurels.participantTransactions(ada, { page_size: 10 });
    const found: string[] = [];
    for await (const transaction of transactions) found.push(transaction.id);
    assert.deepEqual(found, given);
    const hourAgo = new Date(Date.now() - 3_600_000);
    await laurels.recordEvent({ participant_id: ada, event_name: "login", timestamp: hourAgo });
    const events = await laurels.participantEvents(ada, { from: hourAgo }).page();
    return [(await transactions.page(3)).transactions.length, events.total];
  },

  async claims() {
    const reward = await laurels.createReward({ name: "A reward", type: "voucher" });
    for (let number = 0; number < 12; number += 1) await laurels.claimReward(reward.id, { participant_id: ada });
    const open = laurels.listClaims({ status: "claimed", reward_id: reward.id, page_size: 5 });
    const fulfilled = new Set<string>();
    for await (const { claim_id } of open) {
      await laurels.fulfilClaim({ participant_id: ada, claim_id });
      fulfilled.add(claim_id);
    }
    const rest: number[] = [];
    const all = laurels.listClaims({ reward_id: reward.id, page_size: 5 });
    const { next_cursor } = await all.page(2);
    for await (const answer of all.pages(next_cursor ?? "")) rest.push(answer.items.length);
    return [fulfilled.size, (await open.page()).total, rest];
  },

  async lines() {
    let last = {};
    for await (const line of laurels.simulateDefinitions({ definitions: { rules: [] }, days: 1 })) last = line;
    return "result" in last;
  },

  async errors() {
    const invalid = await laurels.awardPoints({ participant_id: ada, amount: 0 }).catch((error: unknown) => error);
    assert.ok(invalid instanceof InvalidRequestError);
    assert.ok(invalid instanceof LaurelsError);
    assert.equal(invalid.requestId.length, 36);
    assert.equal(invalid.name, "InvalidRequestError");
    await assert.rejects(laurels.deductPoints({ participant_id: ada, amount: 1 }), NotAllowedError);
    const taken = laurels.createTier({ code: "gold", name: "Gold", level: 9, award_type: "manual" });
    await assert.rejects(taken, ConflictError);
    for (const dots of [".", ".."]) {
      const said = `participant_id must not be "${dots}"`;
      await assert.rejects(laurels.participantPoints(dots), (e: Error) => e.message.startsWith(said));
    }
    await assert.rejects(laurels.participantPoints(""), new TypeError("participant_id must not be empty"));
    await assert.rejects(laurels.participantPoints("\ud800"), /well-formed/);
    const nothing = undefined as unknown as string;
    await assert.rejects(laurels.participantPoints(nothing), /participant_id must be a string, not undefined/);
    assert.equal(await laurels.participantPoints("{x}$&/..").catch((e: RefusedError) => e.code), "participant_not_found");
    await notSent({ amount: NaN }, "amount must be a finite number, not NaN");
    await notSent({ expires_in_days: Infinity }, "expires_in_days must be a finite number, not Infinity");
    await notSent({ expires_at: new Date("x") }, "expires_at must be a valid date");
    await notSent({ metadata: { a: [{ b: NaN }] } }, "b must be a finite number, not NaN");
    const list = [{ participant_id: ada, amount: 1 }] as unknown;
    await assert.rejects(laurels.awardPointsBatch(list as AwardBatchRequest), new TypeError("the body must be an object"));
    const { awards } = { awards: { participant_id: ada } as unknown as AwardPointsRequest[] };
    await assert.rejects(laurels.awardPointsBatch({ awards }), new TypeError("awards must be an array"));
    const texts = { awards: ["ada"] as unknown as AwardPointsRequest[] };
    await assert.rejects(laurels.awardPointsBatch(texts), new TypeError("awards[0] must be an object"));
    const poor = await laurels.deductPoints({ participant_id: ada, amount: 1 }).catch((e: RefusedError) => e);
    assert.ok(poor instanceof RefusedError);
    assert.deepEqual([poor.code, poor.sufficientScopes], ["insufficient_points", []]);
    const away = new Laurels({ url: process.env["NOBODY_URL"] ?? "", key, retries: 1 });
    const unreachable = await away.assignTier({ participant_id: ada, tier_code: "gold" }).catch((e: unknown) => e);
    assert.ok(unreachable instanceof UnreachableError && !unreachable.isOutcomeUnknown);
    const signal = AbortSignal.abort(new Error("changed my mind"));
    await assert.rejects(laurels.participantPoints(ada, { signal }), /changed my mind/);
    return [invalid.status, invalid.message, invalid.errors];
  },

  /** The proxy in between spoils some of the requests. */
  async award() {
    return (await laurels.awardPoints({ participant_id: ada, amount: 10 })).new_balance;
  },

  async batch() {
    const awards = [1, 2].map((amount) => ({ participant_id: ada, amount }));
    return (await laurels.awardPointsBatch({ awards })).results.map((result) => result.new_balance);
  },

  async assign() {
    try {
      return (await laurels.assignTier({ participant_id: ada, tier_code: "gold" })).tier_code;
    } catch (error) {
      return error instanceof LaurelsError ? { isOutcomeUnknown: error.isOutcomeUnknown } : String(error);
    }
  },
};

const scenario = scenarios[process.argv[3] ?? ""];
assert.ok(scenario);
console.log(JSON.stringify(await scenario()));

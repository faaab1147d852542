/** What can be done for a person. Each is one call of the API. */

import type { AdminClaim, Effects, HistoryFact } from "laurels";

import { session } from "../api";
import type { Action, Field } from "../parts/action";
import { go } from "../route";
import { number, plural } from "../text";
import { amountOf } from "../timeline";

/** The person of an action. Titles and messages name the person: at a narrow width, a dialog covers the page. */
export interface Named {
  id: string;
  name: string | null;
}

export function nameOf(person: Named): string {
  return person.name === null || person.name === person.id ? person.id : `${person.name} (${person.id})`;
}

export interface Choice {
  code: string;
  name: string;
}

const reason: Field = { name: "reason", label: "Reason", kind: "text", help: "Shown in the history of the person." };
/** The most points of one award or deduction. */
const mostPoints = 1_000_000;
const amount: Field = { name: "amount", label: "Points", kind: "number", most: mostPoints };

/** The history names the key that did it. */
function signature(): { by: string } {
  return { by: session.get()?.key_name ?? "the console" };
}

function given(values: Record<string, string>): number {
  return Number(values["amount"]) || 0;
}

export function outcome(effects: Effects | undefined): string {
  if (!effects) return "";
  const parts = [
    effects.tier_upgrade && `Reached the tier ${effects.tier_upgrade.name}.`,
    ...effects.badges.map((each) => `Earned the badge ${each.badge_name}.`),
    ...effects.challenges.filter((each) => each.completed > 0).map((each) => `Completed ${each.challenge_name}.`),
    ...effects.rewards.map((each) => `Was given the reward ${each.reward_name}.`),
  ];
  return parts.filter(Boolean).join(" ");
}

export function givePoints(person: Named, balance: number) {
  return {
    title: `Give points to ${nameOf(person)}`,
    verb: "Give points",
    fields: [amount, reason],
    follows: (values) => (
      <p>
        Balance {number(balance)} → <strong>{number(balance + given(values))}</strong>, unless a multiplier or an earning cap
        changes the amount. Tiers, badges and boards follow as for any award.
      </p>
    ),
    call: (client, values, key) =>
      client.awardPoints({
        participant_id: person.id,
        amount: given(values),
        reason: values["reason"] ?? null,
        metadata: signature(),
        idempotency_key: key,
      }),
    done: (result) =>
      `Gave ${nameOf(person)} ${plural(result.amount, "point")}. The balance is ${number(result.new_balance)}. ${
        result.tier_upgrade ? `Reached the tier ${result.tier_upgrade.name}.` : ""
      } ${outcome(result.effects)}`,
  } satisfies Action<Awaited<ReturnType<import("laurels").Laurels["awardPoints"]>>>;
}

export function takePoints(person: Named, balance: number) {
  return {
    title: `Take points from ${nameOf(person)}`,
    verb: "Take points",
    isDangerous: true,
    fields: [balance < mostPoints ? { ...amount, most: balance, tooMuch: `The balance has only ${plural(balance, "point")}.` } : amount, reason],
    follows: (values) => (
      <p>
        Balance {number(balance)} → <strong>{number(balance - given(values))}</strong>. The tier and the
        points ever earned stay. To undo an award, reverse it in the history instead: that takes it out of the points earned.
      </p>
    ),
    call: (client, values, key) =>
      client.deductPoints({
        participant_id: person.id,
        amount: given(values),
        reason: values["reason"] ?? null,
        metadata: signature(),
        idempotency_key: key,
      }),
    done: (result) => `Took ${plural(result.amount, "point")} from ${nameOf(person)}. The balance is ${number(result.new_balance)}.`,
  } satisfies Action<Awaited<ReturnType<import("laurels").Laurels["deductPoints"]>>>;
}

/** `left` are the points that are not reversed yet. */
export function reverse(person: Named, transaction: HistoryFact, left: number) {
  const isAward = transaction.kind === "points_awarded";
  return {
    title: `Reverse ${isAward ? "an award" : "a deduction"} of ${plural(amountOf(transaction), "point")}: ${nameOf(person)}`,
    verb: "Reverse",
    isDangerous: true,
    fields: [{ ...amount, label: "Points to reverse", most: left, first: String(left), tooMuch: `Only ${plural(left, "point")} of it can still be reversed.` }, reason],
    follows: (values) => (
      <p>
        {isAward ? "Takes back" : "Gives back"} {plural(given(values), "point")} of “{String(transaction.data["reason"] ?? "no reason")}”.{" "}
        {isAward ? "Works while the points are still there. " : ""}Tiers and badges that followed stay.
      </p>
    ),
    call: (client, values, key) =>
      client.reverseTransaction({
        participant_id: person.id,
        transaction_id: transaction.fact_id,
        amount: given(values),
        reason: values["reason"] ?? null,
        metadata: signature(),
        idempotency_key: key,
      }),
    done: (result) => `Reversed ${plural(result.amount, "point")} of ${nameOf(person)}. The balance is ${number(result.new_balance)}.`,
  } satisfies Action<Awaited<ReturnType<import("laurels").Laurels["reverseTransaction"]>>>;
}

export function awardBadge(person: Named, badges: Choice[]) {
  return {
    title: `Award a badge to ${nameOf(person)}`,
    verb: "Award badge",
    fields: [choice("badge_code", "Badge", badges), reason],
    follows: () => <p>A badge is earned once. Rewards and rules that depend on it see it at once.</p>,
    call: (client, values) =>
      client.awardBadge({
        participant_id: person.id,
        badge_code: values["badge_code"] ?? "",
        reason: values["reason"] ?? null,
        metadata: signature(),
      }),
    done: (result) =>
      result.already_earned ? `${nameOf(person)} has earned ${result.badge_name} before; nothing has changed.` : `Awarded ${result.badge_name} to ${nameOf(person)}.`,
  } satisfies Action<Awaited<ReturnType<import("laurels").Laurels["awardBadge"]>>>;
}

export function revokeBadge(person: Named, badge: Choice) {
  return {
    title: `Take the badge ${badge.name} away from ${nameOf(person)}`,
    verb: "Take badge away",
    isDangerous: true,
    fields: [reason],
    follows: () => <p>The history keeps the award and the removal. Both name your key. The badge can be earned again.</p>,
    call: (client, values) =>
      client.revokeBadge({ participant_id: person.id, badge_code: badge.code, reason: values["reason"] ?? null }),
    done: (result) => `Took ${result.badge_name} away from ${nameOf(person)}.`,
  } satisfies Action<Awaited<ReturnType<import("laurels").Laurels["revokeBadge"]>>>;
}

export function assignTier(person: Named, tiers: Choice[]) {
  return {
    title: `Assign a tier to ${nameOf(person)}`,
    verb: "Assign tier",
    fields: [choice("tier_code", "Tier", tiers), reason],
    follows: () => (
      <p>The tier may be higher or lower than the present one. It stays until the points earned reach a threshold for the first time.</p>
    ),
    call: (client, values) =>
      client.assignTier({ participant_id: person.id, tier_code: values["tier_code"] ?? "", reason: values["reason"] ?? null }),
    done: (result) => `${nameOf(person)} is now in the tier ${result.tier_name}.`,
  } satisfies Action<Awaited<ReturnType<import("laurels").Laurels["assignTier"]>>>;
}

export interface Claim {
  claim_id: string;
  reward_name: string;
  points_deducted: number;
}

export function claimant(claim: AdminClaim): Named {
  return { id: claim.participant_id, name: claim.display_name };
}

export function fulfilClaim(person: Named, claim: Claim) {
  return {
    title: `Fulfil the claim of ${claim.reward_name} by ${nameOf(person)}`,
    verb: "Mark as fulfilled",
    fields: [{ ...reason, label: "Note", isOptional: true }],
    follows: () => <p>For a reward that has been sent or handed over. A fulfilled claim can no longer be cancelled.</p>,
    call: (client, values) =>
      client.fulfilClaim({ participant_id: person.id, claim_id: claim.claim_id, reason: values["reason"] || null }),
    done: () => `The claim of ${claim.reward_name} by ${nameOf(person)} is fulfilled.`,
  } satisfies Action<unknown>;
}

export function cancelClaim(person: Named, claim: Claim) {
  return {
    title: `Cancel the claim of ${claim.reward_name} by ${nameOf(person)}`,
    verb: "Cancel the claim",
    back: "Keep it",
    isDangerous: true,
    fields: [reason],
    follows: () => (
      <p>
        {claim.points_deducted > 0 ? `Gives ${plural(claim.points_deducted, "point")} back. ` : ""}The code or the piece of stock can
        be claimed by others again.
      </p>
    ),
    call: (client, values) =>
      client.cancelClaim({ participant_id: person.id, claim_id: claim.claim_id, reason: values["reason"] ?? null }),
    done: () => `The claim of ${claim.reward_name} by ${nameOf(person)} is cancelled.`,
  } satisfies Action<unknown>;
}

export function erase(person: Named, isDeleted: boolean): Action<unknown> {
  return {
    title: `${isDeleted ? "Delete" : "Anonymise"} ${nameOf(person)}`,
    verb: isDeleted ? "Delete" : "Anonymise",
    isDangerous: true,
    fields: [{ name: "confirmation", label: `Type ${person.id} to confirm`, kind: "text" }],
    confirmation: person.id,
    follows: () => (
      <p>
        {isDeleted
          ? "Removes the person and the whole history."
          : "Removes the name, the id and all personal values; points and counts stay for the sums of the project."}{" "}
        This cannot be undone.
      </p>
    ),
    call: (client) => client.eraseParticipant(person.id, { anonymize: !isDeleted }),
    done: () => {
      go("people");
      return `${nameOf(person)} is ${isDeleted ? "deleted" : "anonymised"}.`;
    },
  };
}

function choice(name: string, label: string, choices: Choice[]): Field {
  return { name, label, kind: "choice", choices: choices.map((each) => ({ value: each.code, label: each.name })) };
}

/** One fact of a person's history in a few words. */

import type { HistoryFact, LostStreak } from "laurels";

import type { ComponentChildren } from "preact";

import { amountOf, movesPoints } from "../timeline";
import { lengthIn, number, plural, signed, span, words } from "../text";
import { Link } from "./why";

const incoming = new Set(["points_awarded", "deduct_reversed", "hold_released", "claim_cancelled"]);

const names: Record<string, string> = {
  points_awarded: "Award",
  points_deducted: "Deduction",
  points_expired: "Expiry",
  points_held: "Hold",
  hold_captured: "Hold spent",
  hold_released: "Hold released",
  award_reversed: "Award reversed",
  deduct_reversed: "Deduction reversed",
  event_forgotten: "Its content is no longer kept",
};

const done: Record<string, string> = {
  badge_earned: "earned",
  badge_revoked: "taken away",
  tier_reached: "reached",
  tier_assigned: "assigned",
  challenge_joined: "joined",
  challenge_left: "left",
  challenge_completed: "completed",
  reward_claimed: "claimed",
  claim_fulfilled: "claim fulfilled",
  claim_cancelled: "claim cancelled",
};

export function FactLine(props: { of: HistoryFact; reversed: number; hasBalance: boolean }) {
  const { of } = props;
  const hasPoints = movesPoints(of);
  const isIn = incoming.has(of.kind);
  const amount = amountOf(of);
  const details = detailsOf(of, props.hasBalance);
  return (
    <>
      {hasPoints ? (
        <span class={`amount ${isIn ? "in" : "out"}`}>{signed(isIn ? amount : -amount)}</span>
      ) : (
        <span class="amount event" aria-hidden="true">
          •
        </span>
      )}
      <span>
        {titleOf(of)}
        {props.reversed > 0 && (
          <>
            {" "}
            <span class="tag warn">{props.reversed < amount ? `${number(props.reversed)} reversed` : "reversed"}</span>
          </>
        )}
        {details.length > 0 && <small class="faint"> {details.join(" · ")}</small>}
        {of.due_to && (
          <small class="faint">
            {" "}
            · because of the {words(of.due_to.kind).toLowerCase()} <Link {...of.due_to} />
          </small>
        )}
      </span>
    </>
  );
}

/** A streak that lapsed. */
export function LostLine(props: { of: LostStreak }) {
  const { of } = props;
  return (
    <>
      <span class="amount event" aria-hidden="true">
        •
      </span>
      <span>
        Streak <strong>{of.name}</strong> lost{" "}
        <small class="faint">
          after {lengthIn(of.period, of.count)}, {span(of.first_period, of.last_period)}
        </small>
      </span>
    </>
  );
}

function titleOf(of: HistoryFact): ComponentChildren {
  const { data, definition } = of;
  if (typeof data["event_name"] === "string") return <code>{data["event_name"]}</code>;
  if (definition) {
    const kind = words(definition.kind);
    return (
      <>
        {kind} <strong>{definition.name}</strong> {doneTo(of)}
      </>
    );
  }
  return textOf(data["reason"]) ?? names[of.kind] ?? words(of.kind);
}

function doneTo(of: HistoryFact): string {
  if (of.kind === "milestone_reached") return `at ${Number(of.data["percent"])} %`;
  if (of.kind === "streak_recorded") return `recorded: ${plural(Number(of.data["count"]), lengthOf(of.data["period"]))} in a row`;
  return done[of.kind] ?? words(of.kind).toLowerCase();
}

/** The key of a period shows its length: `2026-02-14`, `2026-W07`, `2026-02`. */
function lengthOf(period: unknown): string {
  const key = String(period);
  if (key.includes("W")) return "week";
  return key.length === 7 ? "month" : "day";
}

function detailsOf(of: HistoryFact, hasBalance: boolean): string[] {
  const { data } = of;
  const said = textOf(data["reason"]);
  // A claim has the name of its reward as its reason.
  const reason = said === of.definition?.name ? undefined : said;
  const metadata = data["metadata"];
  const given = typeof metadata === "object" && metadata !== null && "by" in metadata ? textOf(metadata.by) : undefined;
  // What follows from a command has its cause, not an author.
  const by = of.cause_id === null ? (of.actor ?? given) : given;
  const properties = Object.entries(typeof data["properties"] === "object" && data["properties"] !== null ? data["properties"] : {});
  return [
    of.definition ? reason && `“${reason}”` : (reason || of.kind === "event_forgotten") && (names[of.kind] ?? words(of.kind)),
    data["has_expired"] === true && "the hold expired",
    data["by_criteria"] === true && "by its criteria",
    properties.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", "),
    movesPoints(of) && hasBalance && `balance ${number(Number(data["balance_after"]))}`,
    by && `by ${by}`,
    typeof data["base_amount"] === "number" && `${number(data["base_amount"])} before limits and multipliers`,
  ].filter((each): each is string => typeof each === "string" && each !== "");
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

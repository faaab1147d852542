/** Why a fact happened, and why a rule or a challenge did nothing. */

import type { ConsideredShown, ExplainAnswer, FactShown } from "laurels";

import { api } from "../api";
import { useRead } from "../data";
import { kinds } from "../definitions/kinds";
import { Failure, Loading } from "../parts/basics";
import { addressOf } from "../route";
import { dayAndTime, number, span, words } from "../text";

export function Why(props: { person: string; fact: string }) {
  const found = useRead(`why ${props.person} ${props.fact}`, () => api.explainEvent(props.person, props.fact));
  if (found.error !== undefined) return <Failure error={found.error} again={found.again} />;
  if (!found.data) return <Loading rows={2} />;
  return <Explained explained={found.data} />;
}

function Explained(props: { explained: ExplainAnswer }) {
  const { facts, rules, challenges, badges, note } = props.explained;
  return (
    <div class="why">
      <h4>What happened</h4>
      <ol class="facts">
        {facts.map((fact) => (
          <li key={fact.fact_id} class={fact.cause_id ? "caused" : ""}>
            {said(fact)}
            <Limits of={fact} />
            {fact.due_to && (
              <span class="faint">
                {" "}
                because of the {words(fact.due_to.kind).toLowerCase()} <Link kind={fact.due_to.kind} code={fact.due_to.code} />
              </span>
            )}
          </li>
        ))}
      </ol>
      <Considered title="Rules" all={rules} />
      <Considered title="Challenges" all={challenges} />
      <Considered title="Badges" all={badges} />
      {rules.length + challenges.length + badges.length === 0 && (
        <p class="faint">No rule, challenge or badge listens to this.</p>
      )}
      {note && <p class="note">{note}</p>}
    </div>
  );
}

/** Why an award is another one than that which was asked for. */
function Limits(props: { of: FactShown }) {
  const { base_amount: base, capped_by: caps, multiplier } = props.of.data;
  if (typeof base !== "number") return null;
  return (
    <span class="faint">
      {" "}
      of {number(base)}
      {typeof multiplier === "number" && `, multiplied by ${multiplier}`}
      {Array.isArray(caps) &&
        caps.map((code: unknown) => (
          <>
            , limited by the earning cap <Link kind="earning_cap" code={String(code)} />
          </>
        ))}
    </span>
  );
}

/** A definition, with a link to its page if it has one. */
export function Link(props: { kind: string; code: string; name?: string }) {
  const kind = kinds.find((each) => each.one === words(props.kind).toLowerCase());
  const shown = props.name === undefined ? <code>{props.code}</code> : <>{props.name}</>;
  return kind ? <a href={addressOf([...kind.place, props.code])}>{shown}</a> : shown;
}

function Considered(props: { title: string; all: ConsideredShown[] }) {
  if (props.all.length === 0) return null;
  return (
    <>
      <h4>{props.title}</h4>
      <ul class="considered">
        {props.all.map((each) => (
          <li key={each.code}>
            <p>
              <span class={`tag ${tone(each.outcome)}`}>{words(each.outcome)}</span> <strong>{each.name}</strong>{" "}
              <code class="faint">{each.code}</code>
            </p>
            <p>{each.reason}</p>
            {each.limited_in && <Window of={each.limited_in} />}
            {each.conditions.map((condition) => (
              <div key={condition.expression} class="condition">
                {condition.objective && <span class="faint">Objective {condition.objective}: </span>}
                <code>{condition.expression}</code>
                <dl>
                  {Object.entries(condition.values).map(([name, value]) => (
                    <div key={name}>
                      <dt>
                        <code>{name}</code>
                      </dt>
                      <dd>
                        <code>{JSON.stringify(value)}</code>
                      </dd>
                    </div>
                  ))}
                </dl>
              </div>
            ))}
          </li>
        ))}
      </ul>
    </>
  );
}

/** The day that counts for a limit, and the start of the next one. */
function Window(props: { of: NonNullable<ConsideredShown["limited_in"]> }) {
  const { period, time_zone: zone, ends_at: end } = props.of;
  return (
    <p class="faint">
      It counts for {span(period, period)} in {zone}. The limit starts again {dayAndTime(end, undefined, zone)} there.
    </p>
  );
}

function tone(outcome: ConsideredShown["outcome"]): string {
  if (outcome === "acted" || outcome === "advanced" || outcome === "earned") return "good";
  return outcome === "failed" || outcome === "cut" ? "bad" : "";
}

/** A fact in a few words. */
function said(fact: Pick<FactShown, "kind" | "data">): string {
  const { kind, data } = fact;
  const name = ["event_name", "badge_code", "tier_code", "streak_code", "challenge_code", "reward_code"]
    .map((field) => data[field])
    .find((value): value is string => typeof value === "string");
  const points = typeof data["amount"] === "number" && (data["amount"] > 0 || kind === "points_awarded") ? `: ${number(data["amount"])}` : "";
  return `${words(kind)}${name ? ` ${name}` : ""}${points}`;
}

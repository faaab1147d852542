/** The badges of a person: earned, and not earned with the ways to earn them. */

import type { BadgeDefinitionAnswer, BadgesAnswer } from "laurels";

import { useState } from "preact/hooks";

import { api } from "../api";
import { useRead } from "../data";
import type { Definition } from "../definitions/kinds";
import { usedBy } from "../definitions/references";
import { allOf } from "../pages";
import { Time } from "../parts/basics";
import { addressOf } from "../route";
import { number } from "../text";
import { Link } from "./why";

export function Badges(props: {
  badges: BadgesAnswer;
  zone: string | undefined;
  defined: BadgeDefinitionAnswer[] | undefined;
  take: ((badge: { code: string; name: string }) => void) | undefined;
}) {
  const [isOpen, setOpen] = useState(false);
  // Only the list of missing badges needs them.
  const awarding = useRead(`awarding badges ${isOpen}`, async () =>
    isOpen
      ? {
          rules: (await allOf(api.listRules({ page_size: 100, is_active: true }))) as unknown as Definition[],
          challenges: (await allOf(api.listChallenges({ page_size: 100, is_active: true }))) as unknown as Definition[],
        }
      : undefined,
  );
  const earned = props.badges.badges.filter((each) => each.earned);
  const missing = props.defined?.filter((each) => !earned.some(({ code }) => code === each.code));
  return (
    <section class="card" aria-labelledby="badges">
      <h2 id="badges">
        Badges{" "}
        <span class="faint">
          {props.badges.earned_count} of {props.badges.total}
        </span>
      </h2>
      {earned.length === 0 && <p class="faint">None earned yet</p>}
      <ul class="rows">
        {earned.map((each) => (
          <li key={each.code}>
            <span>
              {each.name} <span class="tag">{each.rarity}</span>
            </span>
            {each.earned_at && <Time at={each.earned_at} zone={props.zone} hasDay />}
            {props.take && (
              <button type="button" class="quiet small" aria-label={`Take away ${each.name}`} onClick={() => props.take?.(each)}>
                Take away
              </button>
            )}
          </li>
        ))}
      </ul>
      {missing && missing.length > 0 && (
        <details onToggle={(event) => setOpen(event.currentTarget.open)}>
          <summary>{number(missing.length)} not earned</summary>
          <p class="faint">
            <em>Why?</em> of an event in the history shows the conditions with the values that they read.
          </p>
          <ul class="rows">
            {missing.map((each) => (
              <li key={each.code} class="claim">
                <a href={addressOf(["definitions", "badges", each.code])}>{each.name}</a>
                {each.criteria ? <code>{each.criteria}</code> : <AwardedBy badge={each.code} awarding={awarding.data} />}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** The active rules and challenges that award a badge without criteria. */
function AwardedBy(props: { badge: string; awarding: Record<string, Definition[]> | undefined }) {
  if (!props.awarding) return <small class="faint">Loading …</small>;
  const found = usedBy(props.awarding, "badges", props.badge);
  if (found.length === 0) return <small class="faint">Nothing awards this badge: by hand or by your application only</small>;
  return (
    <small class="faint">
      awarded by{" "}
      {found.map(({ section, code }, index) => (
        <>
          {index > 0 && ", "}
          {section === "rules" ? "the rule " : "the challenge "}
          <Link kind={section === "rules" ? "rule" : "challenge"} code={code} />
        </>
      ))}
    </small>
  );
}

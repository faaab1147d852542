/** How far people have come in each challenge. */

import type { ChallengeDefinitionAnswer, FunnelAnswer } from "laurels";

import { api } from "../api";
import { pageOf } from "../pages";
import { Empty, Failure, Heading, Loading } from "../parts/basics";
import { More, useList } from "../parts/list";
import { addressOf } from "../route";
import { number, plural } from "../text";

async function readFunnels(after: string | undefined) {
  const page = await pageOf(api.listChallenges({ page_size: 20 }), after);
  const items = await Promise.all(
    page.items.map(async (challenge) => ({ challenge, funnel: await api.challengeFunnel(challenge.code) })),
  );
  return { items, total: page.total, next_cursor: page.next_cursor };
}

export function Challenges() {
  const list = useList("funnels", readFunnels);
  return (
    <>
      <Heading note={list.items && plural(list.total, "challenge")}>Challenges</Heading>
      {list.error !== undefined && <Failure error={list.error} again={list.again} />}
      {!list.items && list.error === undefined && <Loading rows={6} />}
      {list.items?.length === 0 && (
        <Empty title="No challenge is defined">
          Define one under <a href={addressOf(["definitions", "challenges"])}>Definitions</a>.
        </Empty>
      )}
      <div class="funnels">
        {list.items?.map(({ challenge, funnel }) => (
          <section key={challenge.code} class="card" aria-labelledby={`funnel-${challenge.code}`}>
            <div class="card-head">
              <h2 id={`funnel-${challenge.code}`}>
                <a href={addressOf(["definitions", "challenges", challenge.code])}>{challenge.name}</a>{" "}
                {!challenge.is_active && <span class="tag">not active</span>}
              </h2>
              <span class="faint">
                {number(funnel.active)} under way; {number(funnel.left)} left the challenge
              </span>
            </div>
            <Funnel funnel={funnel} objectives={challenge.objectives} />
          </section>
        ))}
      </div>
      <More list={list} noun="challenges" />
    </>
  );
}

/** The field of a funnel, its label, and the share of the challenge that it needs. */
const steps: [keyof FunnelAnswer, string, number?][] = [
  ["joined", "Joined"],
  ["begun", "Made progress"],
  ["quarter", "25 %", 0.25],
  ["half", "50 %", 0.5],
  ["three_quarters", "75 %", 0.75],
  ["completed", "Completed"],
];

/** A share of a challenge with one objective: `2 of 5 Lessons`. Shares of several are those of their mean. */
function shareOf(objectives: ChallengeDefinitionAnswer["objectives"], share: number | undefined): string | undefined {
  const [only, ...others] = objectives;
  if (!only || others.length > 0 || share === undefined) return undefined;
  return `${number(Math.ceil(only.target * share))} of ${number(only.target)} ${only.name ?? only.code}`;
}

function Funnel(props: { funnel: FunnelAnswer; objectives: ChallengeDefinitionAnswer["objectives"] }) {
  const { funnel, objectives } = props;
  if (funnel.joined === 0) return <p class="faint">Nobody has joined yet.</p>;
  return (
    <table class="funnel">
      <caption class="hidden">People by progress</caption>
      <thead class="hidden">
        <tr>
          <th scope="col">Step</th>
          <th scope="col">Share</th>
          <th scope="col">People</th>
          <th scope="col">Of those who joined</th>
        </tr>
      </thead>
      <tbody>
        {steps.map(([field, label, share]) => {
          const people = Number(funnel[field]);
          return (
            <tr key={field}>
              <th scope="row">
                {label} <small class="faint">{shareOf(objectives, share)}</small>
              </th>
              <td class="funnel-bar">
                <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                  <rect width={(people / funnel.joined) * 100} height="10" />
                </svg>
              </td>
              <td class="figure">{number(people)}</td>
              <td class="figure faint">{Math.round((people / funnel.joined) * 100)} %</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

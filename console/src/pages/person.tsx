import type { ChallengesAnswer, ProfileAnswer, TierAnswer } from "laurels";

import { useState } from "preact/hooks";

import { api } from "../api";
import { useChanges, useRead } from "../data";
import { fileName, save } from "../download";
import { allOf, pageOf } from "../pages";
import { type Action, ActionDialog } from "../parts/action";
import { Copyable, Failure, Heading, Loading, Progress, Time } from "../parts/basics";
import { useAttempt } from "../parts/attempt";
import { More, useList } from "../parts/list";
import { type Named, assignTier, awardBadge, cancelClaim, erase, fulfilClaim, givePoints, revokeBadge, takePoints } from "../person/actions";
import { Badges } from "../person/badges";
import { History } from "../person/history";
import { Streaks } from "../person/streaks";
import { useMay } from "../permission";
import { addressOf } from "../route";
import { number, plural, words } from "../text";

async function readPerson(id: string) {
  const [profile, points, tier, badges, streaks, lost, challenges] = await Promise.all([
    api.getParticipant(id),
    api.participantPoints(id),
    api.participantTier(id),
    api.participantBadges(id),
    api.participantStreaks(id),
    api.lostStreaks(id),
    api.participantChallenges(id),
  ]);
  return { profile, points, tier, badges, streaks, lost: lost.lost, challenges };
}

export function Person(props: { id: string }) {
  const { id } = props;
  const found = useRead(`person ${id}`, () => readPerson(id));
  useChanges(found.again);
  const choices = useRead("choices of a person", async () => ({
    tiers: await allOf(api.listTiers({ page_size: 100, is_active: true })),
    badges: await allOf(api.listBadges({ page_size: 100, is_active: true })),
  }));
  const [action, setAction] = useState<Action<unknown>>();
  const mayChange = useMay("support");
  const mayErase = useMay("define");
  if (!found.data) {
    return (
      <>
        <Heading>{id}</Heading>
        {found.error === undefined ? <Loading rows={8} /> : <Failure error={found.error} again={found.again} />}
      </>
    );
  }
  const { profile, points, tier, badges, streaks, lost, challenges } = found.data;
  const person = { id, name: profile.display_name };
  const zone = typeof profile.attributes["timezone"] === "string" ? profile.attributes["timezone"] : undefined;
  const unearned = choices.data?.badges.filter((each) => !badges.badges.some((badge) => badge.code === each.code && badge.earned));
  return (
    <>
      <Heading note={<About profile={profile} zone={zone} />}>{profile.display_name ?? profile.participant_id}</Heading>
      {found.error !== undefined && <Failure error={found.error} again={found.again} />}
      {mayChange && profile.is_active && (
        <div class="actions" role="group" aria-label="Actions">
          <button type="button" class="primary" onClick={() => setAction(givePoints(person, points.balance))}>
            Give points
          </button>
          <button type="button" disabled={points.balance === 0} onClick={() => setAction(takePoints(person, points.balance))}>
            Take points
          </button>
          <button type="button" disabled={!unearned?.length} onClick={() => setAction(awardBadge(person, unearned ?? []))}>
            Award a badge
          </button>
          <button type="button" disabled={!choices.data?.tiers.length} onClick={() => setAction(assignTier(person, choices.data?.tiers ?? []))}>
            Assign a tier
          </button>
          {points.balance === 0 && <small class="faint">There are no points to take.</small>}
          {unearned?.length === 0 && (
            <small class="faint">{choices.data?.badges.length ? "All active badges are earned." : "No badge is active."}</small>
          )}
        </div>
      )}
      <dl class="figures">
        <Figure name="Balance" value={points.balance} isMain />
        <Figure name="Earned" value={points.total_earned} />
        <Figure name="Spent" value={points.total_spent} />
        <Figure name="Expired" value={points.total_expired} />
        <Figure name="On hold" value={points.held} />
      </dl>
      {points.next_expiry && (
        <p class="note">
          {plural(points.next_expiry.points, "point")} of the balance will expire <Time at={points.next_expiry.expires_at} zone={zone} hasDay />.
        </p>
      )}
      <div class="columns">
        <History person={person} zone={zone} lost={lost} mayChange={mayChange} act={setAction} />
        <div class="side">
          <Tier tier={tier} zone={zone} />
          <Badges badges={badges} zone={zone} defined={choices.data?.badges} take={mayChange ? (badge) => setAction(revokeBadge(person, badge)) : undefined} />
          <Challenges challenges={challenges} />
          <Streaks streaks={streaks} lost={lost} zone={zone} />
          <Claims person={person} zone={zone} mayChange={mayChange} act={setAction} />
          <Ranks person={id} />
          <PersonalData person={person} mayErase={mayErase} act={setAction} />
        </div>
      </div>
      {action && <ActionDialog action={action} close={() => setAction(undefined)} />}
    </>
  );
}

function About(props: { profile: ProfileAnswer; zone: string | undefined }) {
  const { profile, zone } = props;
  return (
    <>
      <Copyable text={profile.participant_id} label="the id" /> · first seen <Time at={profile.first_seen_at} zone={zone} /> · last seen{" "}
      <Time at={profile.last_seen_at} zone={zone} />
      {zone && ` · ${zone}`}
      {!profile.is_active && " · anonymised"}
    </>
  );
}

function Figure(props: { name: string; value: number; isMain?: boolean }) {
  return (
    <div class={props.isMain ? "main-figure" : ""}>
      <dt>{props.name}</dt>
      <dd>{number(props.value)}</dd>
    </div>
  );
}

function Tier(props: { tier: TierAnswer; zone: string | undefined }) {
  const { current_tier: current, next_tier: next } = props.tier;
  return (
    <section class="card" aria-labelledby="tier">
      <h2 id="tier">Tier</h2>
      <p>
        {current ? (
          <>
            <strong>{current.name}</strong> <span class="faint">since</span> <Time at={current.achieved_at} zone={props.zone} hasDay />
          </>
        ) : (
          <span class="faint">No tier yet</span>
        )}
      </p>
      {next && (
        <>
          <Progress of={next.points_required} done={next.points_required - next.points_remaining} label={`Progress to ${next.name}`} />
          <p class="faint">
            {plural(next.points_remaining, "point")} to {next.name}
          </p>
        </>
      )}
    </section>
  );
}

function Challenges(props: { challenges: ChallengesAnswer }) {
  const all = props.challenges.challenges;
  return (
    <section class="card" aria-labelledby="challenges">
      <h2 id="challenges">Challenges</h2>
      {all.length === 0 && <p class="faint">No challenge is running</p>}
      {all.map((each) => (
        <div key={each.code} class="challenge">
          <p>
            <strong>{each.name}</strong> <span class={`tag ${each.status === "completed" ? "good" : ""}`}>{words(each.status)}</span>
            {each.completions > 1 && <span class="faint"> {each.completions} times</span>}
          </p>
          {each.objectives.map((objective) => (
            <p key={objective.code} class="objective">
              <span>{objective.name}</span>
              <Progress of={objective.target} done={objective.progress} label={objective.name} />
              <span class="figure">
                {number(objective.progress)} / {number(objective.target)}
              </span>
            </p>
          ))}
        </div>
      ))}
    </section>
  );
}

function Claims(props: { person: Named; zone: string | undefined; mayChange: boolean; act(action: Action<unknown>): void }) {
  const { person, act } = props;
  const list = useList(`claims of ${person.id}`, async (after) => {
    const page = await pageOf(api.participantClaims(person.id, { page_size: 20 }), after);
    return { items: page.rewards, total: page.total, next_cursor: page.next_cursor };
  });
  return (
    <section class="card" aria-labelledby="claims">
      <h2 id="claims">Claims</h2>
      {list.error !== undefined && <Failure error={list.error} again={list.again} />}
      {list.items?.length === 0 && <p class="faint">Nothing claimed yet</p>}
      <ul class="rows">
        {list.items?.map((each) => (
          <li key={each.claim_id} class="claim">
            <span>
              {each.reward_name} <span class={`tag ${each.status === "fulfilled" ? "good" : ""}`}>{words(each.status)}</span>
              <small class="faint">
                {" "}
                {each.points_deducted > 0 && plural(each.points_deducted, "point")} {each.code_value && <code>{each.code_value}</code>}
              </small>
            </span>
            <Time at={each.claimed_at} zone={props.zone} hasDay />
            {(each.fulfilled_at ?? each.cancelled_at) && (
              <small class="faint">
                {words(each.status).toLowerCase()} <Time at={each.fulfilled_at ?? each.cancelled_at ?? ""} zone={props.zone} hasDay />
              </small>
            )}
            {props.mayChange && each.status === "claimed" && (
              <span>
                <button type="button" class="quiet small" onClick={() => act(fulfilClaim(person, each))}>
                  Fulfil
                </button>
                <button type="button" class="quiet small" onClick={() => act(cancelClaim(person, each))}>
                  Cancel
                </button>
              </span>
            )}
          </li>
        ))}
      </ul>
      <More list={list} noun="claims" />
    </section>
  );
}

function PersonalData(props: { person: Named; mayErase: boolean; act(action: Action<unknown>): void }) {
  const { error, begin } = useAttempt();
  const download = () =>
    begin(async () => {
      save(JSON.stringify(await api.exportParticipant(props.person.id), null, 2), fileName(props.person.id), "application/json");
    });
  return (
    <section class="card" aria-labelledby="personal-data">
      <h2 id="personal-data">Personal data</h2>
      {error !== undefined && <Failure error={error} again={download} />}
      <button type="button" class="quiet small" onClick={download}>
        Export all
      </button>
      {props.mayErase && (
        <>
          <button type="button" class="quiet small" onClick={() => props.act(erase(props.person, false))}>
            Anonymise
          </button>
          <button type="button" class="quiet small" onClick={() => props.act(erase(props.person, true))}>
            Delete
          </button>
        </>
      )}
    </section>
  );
}

function Ranks(props: { person: string }) {
  const list = useList(`ranks of ${props.person}`, async (after) => {
    const page = await pageOf(api.listLeaderboards({ page_size: 20, is_active: true }), after);
    const items = await Promise.all(
      page.items.map(async (board) => ({ board, rank: await api.participantRank(board.code, props.person).catch(() => null) })),
    );
    return { items, total: page.total, next_cursor: page.next_cursor };
  });
  return (
    <section class="card" aria-labelledby="ranks">
      <h2 id="ranks">Ranks</h2>
      {list.error !== undefined && <Failure error={list.error} again={list.again} />}
      {list.items?.length === 0 && <p class="faint">No board is defined</p>}
      <ul class="rows">
        {list.items?.map(({ board, rank }) => (
          <li key={board.code}>
            <a href={addressOf(["boards", board.code], { around: props.person })}>{board.name}</a>
            <span>{rank?.rank ? `${number(rank.rank)}. with ${number(rank.score ?? 0)}` : <span class="faint">not ranked</span>}</span>
          </li>
        ))}
      </ul>
      <More list={list} noun="boards" />
    </section>
  );
}

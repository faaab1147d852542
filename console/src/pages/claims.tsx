import type { AdminClaim } from "laurels";

import { useRef, useState } from "preact/hooks";

import { api } from "../api";
import { pageOf } from "../pages";
import { Bulk } from "../person/bulk";
import { type Action, ActionDialog } from "../parts/action";
import { Empty, Failure, Heading, Loading, Time } from "../parts/basics";
import { More, useList } from "../parts/list";
import { cancelClaim, claimant, fulfilClaim, nameOf } from "../person/actions";
import { useMay } from "../permission";
import { addressOf, place, refine } from "../route";
import { useSignal } from "../signals";
import { number, plural, words } from "../text";

const statuses = ["claimed", "fulfilled", "cancelled"] as const;

export function Claims() {
  const { query } = useSignal(place);
  const status = statuses.find((each) => each === query.get("status")) ?? "claimed";
  const reward = query.get("reward") ?? "";
  const [action, setAction] = useState<Action<unknown>>();
  const [chosen, setChosen] = useState<ReadonlyMap<string, AdminClaim>>(new Map());
  const mayChange = useMay("support");
  const isChoosing = mayChange && status === "claimed";
  const list = useList(`claims ${status} ${reward}`, (after) =>
    pageOf(api.listClaims({ status, reward_id: reward || null, page_size: 50 }), after),
  );
  const last = useRef<AdminClaim | undefined>(undefined);
  const choose = (claim: AdminClaim, isRange: boolean) => {
    const items = list.items ?? [];
    const [from, to] = [items.indexOf(last.current ?? claim), items.indexOf(claim)].sort((one, other) => one - other);
    const range = isRange && from !== undefined && from >= 0 && to !== undefined ? items.slice(from, to + 1) : [claim];
    const next = new Map(chosen);
    const isAdded = !chosen.has(claim.claim_id);
    for (const each of range) if (isAdded) next.set(each.claim_id, each); else next.delete(each.claim_id);
    last.current = claim;
    setChosen(next);
  };
  return (
    <>
      <Heading note={list.items && plural(list.total, "claim")}>Claims</Heading>
      <div class="tabs" role="group" aria-label="Status">
        {statuses.map((each) => (
          <button key={each} type="button" aria-pressed={each === status} onClick={() => refine({ status: each, reward })}>
            {each === "claimed" ? "To be fulfilled" : words(each)}
          </button>
        ))}
      </div>
      {reward && (
        <p class="note">
          Claims of one reward.{" "}
          <button type="button" class="quiet small" onClick={() => refine({ status })}>
            Show all
          </button>
        </p>
      )}
      {isChoosing && (
        <Bulk
          all={list.items ?? []}
          hasMore={list.hasMore}
          chosen={chosen}
          choose={(claims) => setChosen(new Map(claims.map((each) => [each.claim_id, each])))}
        />
      )}
      {list.error !== undefined && <Failure error={list.error} again={list.again} />}
      {!list.items && list.error === undefined && <Loading />}
      {list.items?.length === 0 && (
        <Empty title={status === "claimed" ? "Nothing waits to be fulfilled" : `No claim is ${status}`}>
          Claims appear here when people claim rewards.
        </Empty>
      )}
      {list.items && list.items.length > 0 && (
        <table class={list.isReading ? "stale" : ""}>
          <caption class="hidden">Claims</caption>
          <thead>
            <tr>
              {isChoosing && (
                <th scope="col" class="least">
                  <span class="hidden">Choose</span>
                </th>
              )}
              <th scope="col">Reward</th>
              <th scope="col">Person</th>
              <th scope="col" class="figure narrow-out">
                Points
              </th>
              <th scope="col" class="narrow-out">
                Claimed
              </th>
              {status === "claimed" ? <th scope="col">Actions</th> : <th scope="col">{words(status)}</th>}
            </tr>
          </thead>
          <tbody>
            {list.items.map((each) => (
              <Row
                key={each.claim_id}
                claim={each}
                mayChange={mayChange}
                act={setAction}
                isChosen={chosen.has(each.claim_id)}
                choose={isChoosing ? (isRange) => choose(each, isRange) : undefined}
              />
            ))}
          </tbody>
        </table>
      )}
      <More list={list} noun="claims" />
      {action && <ActionDialog action={action} close={() => setAction(undefined)} />}
    </>
  );
}

function Row(props: {
  claim: AdminClaim;
  mayChange: boolean;
  act(action: Action<unknown>): void;
  isChosen: boolean;
  choose: ((isRange: boolean) => void) | undefined;
}) {
  const { claim, act } = props;
  return (
    <tr>
      {props.choose && (
        <td>
          <input
            type="checkbox"
            checked={props.isChosen}
            aria-label={`Choose the claim of ${claim.reward_name} by ${nameOf(claimant(claim))}`}
            onClick={(event) => props.choose?.(event.shiftKey)}
          />
        </td>
      )}
      <th scope="row">
        {claim.reward_name} {claim.code_value && <code class="faint">{claim.code_value}</code>}
        <small class="faint narrow-in">
          {claim.points_deducted > 0 && `${plural(claim.points_deducted, "point")}, `}
          <Time at={claim.claimed_at} />
        </small>
      </th>
      <td>
        <a href={addressOf(["people", claim.participant_id])}>{claim.display_name ?? claim.participant_id}</a>
        {claim.display_name && <code class="faint"> {claim.participant_id}</code>}
      </td>
      <td class="figure narrow-out">{number(claim.points_deducted)}</td>
      <td class="narrow-out">
        <Time at={claim.claimed_at} />
      </td>
      {claim.status === "claimed" ? (
        <td>
          {props.mayChange && (
            <span class="row-actions">
              <button type="button" class="quiet small" onClick={() => act(fulfilClaim(claimant(claim), claim))}>
                Fulfil
              </button>
              <button type="button" class="quiet small" onClick={() => act(cancelClaim(claimant(claim), claim))}>
                Cancel
              </button>
            </span>
          )}
        </td>
      ) : (
        <td>
          <Time at={claim.fulfilled_at ?? claim.cancelled_at ?? claim.claimed_at} hasDay />{" "}
          <small class="faint">{[claim.closed_by && `by ${claim.closed_by}`, claim.reason && `“${claim.reason}”`].filter(Boolean).join(" · ")}</small>
        </td>
      )}
    </tr>
  );
}

/** Many claims fulfilled or cancelled, one call each. */

import type { AdminClaim } from "laurels";

import { useState } from "preact/hooks";

import { api } from "../api";
import { changed } from "../data";
import { Progress } from "../parts/basics";
import { Dialog } from "../parts/dialog";
import { tell } from "../parts/messages";
import { number, plural } from "../text";
import { claimant, nameOf } from "./actions";

type Verb = "fulfil" | "cancel";

export function Bulk(props: { all: AdminClaim[]; hasMore: boolean; chosen: ReadonlyMap<string, AdminClaim>; choose(claims: AdminClaim[]): void }) {
  const { all, chosen, choose } = props;
  const [verb, setVerb] = useState<Verb>();
  if (all.length === 0 && chosen.size === 0) return null;
  return (
    <div class="actions" role="group" aria-label="All chosen claims">
      <button type="button" onClick={() => choose(chosen.size === all.length ? [] : all)}>
        {chosen.size === all.length ? "Choose none" : `Choose ${props.hasMore ? "the first" : "all"} ${number(all.length)}`}
      </button>
      <button type="button" class="primary" disabled={chosen.size === 0} onClick={() => setVerb("fulfil")}>
        Fulfil {number(chosen.size)}
      </button>
      <button type="button" disabled={chosen.size === 0} onClick={() => setVerb("cancel")}>
        Cancel {number(chosen.size)}
      </button>
      {all.length > 2 && <small class="faint">Click with Shift to choose a range.</small>}
      {verb && <Confirmation verb={verb} claims={[...chosen.values()]} close={() => setVerb(undefined)} left={choose} />}
    </div>
  );
}

function Confirmation(props: { verb: Verb; claims: AdminClaim[]; close(): void; left(claims: AdminClaim[]): void }) {
  const { verb } = props;
  const [claims] = useState(props.claims);
  const [reason, setReason] = useState("");
  const [done, setDone] = useState(0);
  const [isRunning, setRunning] = useState(false);
  const left = claims.slice(done);
  const run = async () => {
    setRunning(true);
    const client = api;
    let count = done;
    try {
      for (const claim of left) {
        const body = { participant_id: claim.participant_id, claim_id: claim.claim_id, reason: reason.trim() || null };
        await (verb === "fulfil" ? client.fulfilClaim(body) : client.cancelClaim(body));
        setDone((count += 1));
      }
      tell(`${verb === "fulfil" ? "Fulfilled" : "Cancelled"} ${plural(count, "claim")}.`);
    } finally {
      setRunning(false);
      props.left(claims.slice(count));
      changed();
    }
  };
  const points = left.reduce((sum, claim) => sum + claim.points_deducted, 0);
  return (
    <Dialog
      title={`${verb === "fulfil" ? "Fulfil" : "Cancel"} ${plural(left.length, "claim")}`}
      verb={verb === "fulfil" ? "Mark as fulfilled" : "Cancel the claims"}
      back={verb === "cancel" ? "Keep them" : undefined}
      isDangerous={verb === "cancel"}
      isReady={verb === "fulfil" || reason.trim() !== ""}
      run={run}
      afterError={<p class="faint">The claims before were done; the others are still chosen.</p>}
      close={props.close}
    >
      <label class="field">
        <span>{verb === "fulfil" ? "Note (optional)" : "Reason"}</span>
        <input value={reason} maxLength={500} required={verb === "cancel"} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      <div class="note">
        <p>
          {verb === "fulfil"
            ? "For rewards that have been sent or handed over. A fulfilled claim can no longer be cancelled."
            : `Gives ${plural(points, "point")} back. The codes and the stock can be claimed by others again.`}
        </p>
        <ul class="named" tabIndex={0} aria-label="Claims">
          {left.map((claim) => (
            <li key={claim.claim_id}>
              {claim.reward_name} <span class="faint">by</span> {nameOf(claimant(claim))}
            </li>
          ))}
        </ul>
        {isRunning && <Progress of={claims.length} done={done} label="Claims done" />}
      </div>
    </Dialog>
  );
}

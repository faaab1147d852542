/** Many claims fulfilled or cancelled, one call each. */

import type { AdminClaim } from "laurels";

import { useEffect, useRef, useState } from "preact/hooks";

import { api } from "../api";
import { changed } from "../data";
import { Failure, Progress } from "../parts/basics";
import { tell } from "../parts/messages";
import { number, plural } from "../text";

type Verb = "fulfil" | "cancel";

export function Bulk(props: { all: AdminClaim[]; chosen: ReadonlyMap<string, AdminClaim>; choose(claims: AdminClaim[]): void }) {
  const { all, chosen, choose } = props;
  const [verb, setVerb] = useState<Verb>();
  if (all.length === 0 && chosen.size === 0) return null;
  return (
    <div class="actions" role="group" aria-label="All chosen claims">
      <button type="button" onClick={() => choose(chosen.size === all.length ? [] : all)}>
        {chosen.size === all.length ? "Choose none" : `Choose all ${number(all.length)}`}
      </button>
      <button type="button" class="primary" disabled={chosen.size === 0} onClick={() => setVerb("fulfil")}>
        Fulfil {number(chosen.size)}
      </button>
      <button type="button" disabled={chosen.size === 0} onClick={() => setVerb("cancel")}>
        Cancel {number(chosen.size)}
      </button>
      {verb && <Dialog verb={verb} claims={[...chosen.values()]} close={() => setVerb(undefined)} left={choose} />}
    </div>
  );
}

function Dialog(props: { verb: Verb; claims: AdminClaim[]; close(): void; left(claims: AdminClaim[]): void }) {
  const { verb, claims } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const [reason, setReason] = useState("");
  const [done, setDone] = useState<number>();
  const [error, setError] = useState<unknown>();
  useEffect(() => dialog.current?.showModal(), []);
  const run = async (event: Event) => {
    event.preventDefault();
    setError(undefined);
    setDone(0);
    let count = 0;
    const client = api;
    try {
      for (const claim of claims) {
        const body = { participant_id: claim.participant_id, claim_id: claim.claim_id, reason: reason.trim() || null };
        await (verb === "fulfil" ? client.fulfilClaim(body) : client.cancelClaim(body));
        setDone((count += 1));
      }
      tell(`${verb === "fulfil" ? "Fulfilled" : "Cancelled"} ${plural(count, "claim")}.`);
      dialog.current?.close();
    } catch (failure) {
      setError(failure);
    } finally {
      setDone(undefined);
      props.left(claims.slice(count));
      changed();
    }
  };
  const points = claims.reduce((sum, claim) => sum + claim.points_deducted, 0);
  return (
    <dialog ref={dialog} onClose={props.close} aria-labelledby="bulk-title">
      <form onSubmit={(event) => void run(event)}>
        <h2 id="bulk-title">
          {verb === "fulfil" ? "Fulfil" : "Cancel"} {plural(claims.length, "claim")}
        </h2>
        <label class="field">
          <span>{verb === "fulfil" ? "Note (optional)" : "Reason"}</span>
          <input value={reason} maxLength={500} required={verb === "cancel"} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
        <div class="note">
          <p>
            {verb === "fulfil"
              ? "For what has been sent or done. A fulfilled claim can no longer be cancelled."
              : `Gives back ${plural(points, "point")}, and the codes and pieces of stock for others to claim.`}
          </p>
          {done !== undefined && <Progress of={claims.length} done={done} label="Claims done" />}
        </div>
        {error !== undefined && (
          <>
            <Failure error={error} />
            <p class="faint">The claims before were done; the others are still chosen.</p>
          </>
        )}
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Close
          </button>
          <button type="submit" class={verb === "cancel" ? "danger" : "primary"} disabled={done !== undefined || (verb === "cancel" && !reason.trim())}>
            {done !== undefined ? "Working …" : verb === "fulfil" ? "Mark as fulfilled" : "Cancel the claims"}
          </button>
        </div>
      </form>
    </dialog>
  );
}

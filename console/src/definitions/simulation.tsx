/** The past decided again by a draft, compared with what was. */

import type { SimulationLine, SimulationResult } from "laurels";

import { useEffect, useRef, useState } from "preact/hooks";

import { api } from "../api";
import { Failure, Progress } from "../parts/basics";
import { number, plural, signed } from "../text";
import type { Draft, Kind } from "./kinds";
import { asWritten } from "./schema";

const spans = [7, 30, 90];

async function draftOf(kind: Kind, draft: Draft): Promise<Record<string, Draft[]>> {
  const all: Draft[] = [];
  for await (const each of kind.list(api, { page_size: 100 })) if (each.code !== draft["code"]) all.push(asWritten(each));
  return { [kind.name]: [...all, asWritten(draft)] };
}

export function Simulation(props: { kind: Kind; draft: Draft; isReady: boolean }) {
  const [days, setDays] = useState(30);
  const [line, setLine] = useState<SimulationLine>();
  const [error, setError] = useState<unknown>();
  const running = useRef<AbortController | null>(null);
  const [isRunning, setRunning] = useState(false);
  useEffect(() => () => running.current?.abort(), []);
  const run = async () => {
    const control = new AbortController();
    running.current = control;
    setRunning(true);
    setLine(undefined);
    setError(undefined);
    try {
      const definitions = await draftOf(props.kind, props.draft);
      for await (const next of api.simulateDefinitions({ definitions, days }, { signal: control.signal })) {
        if (next.error) throw new Error(next.error);
        setLine(next);
      }
    } catch (failure) {
      if (!control.signal.aborted) setError(failure);
    } finally {
      setRunning(false);
    }
  };
  return (
    <section class="card" aria-labelledby="simulation">
      <h2 id="simulation">Try it on the past</h2>
      <p class="faint">How would the last days have gone with this draft? All events and calls of that time are run again. Nothing is saved.</p>
      <div class="actions">
        <select aria-label="How far back" value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
          {spans.map((each) => (
            <option key={each} value={each}>
              The last {each} days
            </option>
          ))}
        </select>
        {isRunning ? (
          <button type="button" onClick={() => running.current?.abort()}>
            Stop
          </button>
        ) : (
          <button type="button" disabled={!props.isReady} onClick={() => void run()}>
            Simulate
          </button>
        )}
      </div>
      {error !== undefined && <Failure error={error} />}
      {line?.progress && (
        <Progress of={line.progress.participants} done={line.progress.participants_done} label="Participants done" />
      )}
      {line?.result && <Result result={line.result} />}
    </section>
  );
}

/** The reasons why a result is not exact. */
const approximations: Record<SimulationResult["approximations"][number], string> = {
  profiles: "Some people have changed their time zone or attributes since. The present ones were used.",
  rewards: "Rewards were claimed without a limit. Stock and codes were not counted.",
  limits_in_total: "Some limits count all people together. One person was run after the other, so that other people may have reached them.",
  forgotten_events: "Some events are too old: their content is no longer kept. They and their effects were taken as they were.",
  older_facts: "Some calls were recorded by an older version of Laurels, without all that was sent.",
};

function Result(props: { result: SimulationResult }) {
  const { result } = props;
  const differing = result.definitions.filter((each) => JSON.stringify(each.live) !== JSON.stringify(each.draft));
  return (
    <div role="status">
      <p>
        Ran {plural(result.commands, "event or call", "events and calls")} of {plural(result.participants, "person", "people")} again, in{" "}
        {result.seconds.toFixed(1)} s.
      </p>
      <table>
        <caption class="hidden">Points as they were and by the draft</caption>
        <thead>
          <tr>
            <th scope="col">Points</th>
            <th scope="col" class="figure">
              Live
            </th>
            <th scope="col" class="figure">
              Draft
            </th>
            <th scope="col" class="figure">
              Change
            </th>
          </tr>
        </thead>
        <tbody>
          <Compared name="Awarded" live={result.points_live.awarded} draft={result.points_draft.awarded} />
          <Compared name="Deducted" live={result.points_live.deducted} draft={result.points_draft.deducted} />
          {differing.map((each) => (
            <Compared
              key={`${each.kind} ${each.code}`}
              name={`${each.code} acted`}
              live={each.live.fired ?? 0}
              draft={each.draft.fired ?? 0}
            />
          ))}
        </tbody>
      </table>
      <p class="faint">
        All points that were given or taken. The overview shows fewer: it subtracts reversals and cancelled claims.
      </p>
      {result.refused > 0 && <p class="note bad">{plural(result.refused, "call")} that succeeded would be refused.</p>}
      {result.tier_changes.map((each) => (
        <p key={`${each.live_tier} ${each.draft_tier}`}>
          {plural(each.participants, "person", "people")} would be in {each.draft_tier ?? "no tier"} instead of {each.live_tier ?? "none"}.
        </p>
      ))}
      {result.approximations.length > 0 && (
        <>
          <p>The real result could differ:</p>
          <ul class="plain-list faint">
            {result.approximations.map((each) => (
              <li key={each}>{approximations[each]}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function Compared(props: { name: string; live: number; draft: number }) {
  const change = props.draft - props.live;
  return (
    <tr>
      <th scope="row">{props.name}</th>
      <td class="figure">{number(props.live)}</td>
      <td class="figure">{number(props.draft)}</td>
      <td class="figure">{change === 0 ? <span class="faint">none</span> : <strong>{signed(change)}</strong>}</td>
    </tr>
  );
}

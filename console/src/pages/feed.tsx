/** The feed as it comes: every event of the project from the moment of opening, or of one person. */

import type { FeedAnswer } from "laurels";

import { useEffect, useState } from "preact/hooks";

import { api } from "../api";
import { Empty, Failure, Heading, Time } from "../parts/basics";
import { addressOf, place, refine } from "../route";
import { useSignal } from "../signals";
import { plural } from "../text";

type FeedEvent = FeedAnswer["events"][number];

const kept = 200;
const waitSeconds = 20;

export function Feed() {
  const { query } = useSignal(place);
  const types = query.get("types") ?? "";
  const person = query.get("person") ?? "";
  const [events, setEvents] = useState<FeedEvent[]>([]);
  const [isFollowing, setFollowing] = useState(false);
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    if (!isFollowing) return undefined;
    const control = new AbortController();
    const follow = async () => {
      let after = "latest";
      while (!control.signal.aborted) {
        const asked = { after, types: types || null, participant_id: person || null, limit: 100, wait_seconds: waitSeconds };
        const answer = await api.readFeed(asked, { signal: control.signal });
        after = answer.cursor;
        if (answer.events.length > 0) setEvents((before) => [...[...answer.events].reverse(), ...before].slice(0, kept));
      }
    };
    follow().catch((failure: unknown) => {
      if (control.signal.aborted) return;
      setError(failure);
      setFollowing(false);
    });
    return () => control.abort();
  }, [isFollowing, types, person]);
  const start = () => {
    setError(undefined);
    setFollowing(true);
  };
  const change = (name: string) => (event: { currentTarget: HTMLInputElement }) =>
    refine({ ...Object.fromEntries(query), [name]: event.currentTarget.value.trim() });
  return (
    <>
      <Heading note={isFollowing ? `Following, ${plural(events.length, "event")}` : "What happens in the project, as it happens"}>Feed</Heading>
      <div class="filters">
        <label class="wide">
          <span>Types</span>
          <input value={types} placeholder="points.awarded,badge.earned; empty for all" onChange={change("types")} />
        </label>
        <label>
          <span>Person</span>
          <input value={person} placeholder="An id" onChange={change("person")} />
        </label>
        {isFollowing ? (
          <button type="button" onClick={() => setFollowing(false)}>
            Stop
          </button>
        ) : (
          <button type="button" class="primary" onClick={start}>
            Follow
          </button>
        )}
        <button type="button" disabled={events.length === 0} onClick={() => setEvents([])}>
          Clear
        </button>
      </div>
      {error !== undefined && <Failure error={error} again={start} />}
      {events.length === 0 && (
        <Empty title={isFollowing ? "Waiting for an event" : "Not following"}>
          <em>Follow</em> shows events from then on. If no application reads the feed yet, the project begins to record it, and stops
          when nobody reads it any more. The page of a person has the past.
        </Empty>
      )}
      <ol class="feed" aria-live="polite">
        {events.map((each) => (
          <Row key={each.id} event={each} />
        ))}
      </ol>
    </>
  );
}

function Row(props: { event: FeedEvent }) {
  const { event } = props;
  const person = event.participant_id;
  const data = Object.entries(event.data as Record<string, unknown>).filter(([, value]) => value !== null);
  return (
    <li class="card">
      <div class="feed-head">
        <strong>{event.type}</strong>
        {typeof person === "string" && <a href={addressOf(["people", person])}>{person}</a>}
        <Time at={event.occurred_at} />
      </div>
      <small class="faint">{data.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ")}</small>
    </li>
  );
}

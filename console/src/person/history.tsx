/** All that happened to a person, newest first, each entry with its reasons. */

import type { TransactionAnswer } from "laurels";

import { useCallback, useEffect, useState } from "preact/hooks";

import { api } from "../api";
import { useChanges } from "../data";
import { pageOf } from "../pages";
import type { Action } from "../parts/action";
import { Empty, Failure, Loading, Time } from "../parts/basics";
import { type Entry, type Loaded, merged, reversedOf } from "../timeline";
import { number, signed, words } from "../text";
import { reverse } from "./actions";
import { Why } from "./why";

const incoming = new Set<TransactionAnswer["type"]>(["award", "deduct_reversal", "release", "claim_cancellation"]);
const nothing: Loaded = { transactions: [], events: [], moreTransactions: null, moreEvents: null };

async function readOn(person: string, before: Loaded | undefined): Promise<Loaded> {
  const known = before ?? nothing;
  const reads = (more: string | null) => before === undefined || more !== null;
  const [transactions, events] = await Promise.all([
    reads(known.moreTransactions)
      ? pageOf(api.participantTransactions(person, { page_size: 30 }), known.moreTransactions ?? undefined)
      : null,
    reads(known.moreEvents) ? pageOf(api.participantEvents(person, { page_size: 30 }), known.moreEvents ?? undefined) : null,
  ]);
  return {
    transactions: [...known.transactions, ...(transactions?.transactions ?? [])],
    events: [...known.events, ...(events?.events ?? [])],
    moreTransactions: transactions ? transactions.next_cursor : known.moreTransactions,
    moreEvents: events ? events.next_cursor : known.moreEvents,
  };
}

export function History(props: {
  person: string;
  zone: string | undefined;
  mayChange: boolean;
  act(action: Action<unknown>): void;
}) {
  const { person } = props;
  const [loaded, setLoaded] = useState<Loaded>();
  const [error, setError] = useState<unknown>();
  const [kind, setKind] = useState<"all" | Entry["kind"]>("all");
  const read = useCallback(
    async (before: Loaded | undefined) => {
      try {
        setLoaded(await readOn(person, before));
        setError(undefined);
      } catch (failure) {
        setError(failure);
      }
    },
    [person],
  );
  const again = useCallback(() => void read(undefined), [read]);
  useEffect(again, [again]);
  useChanges(again);
  const entries = loaded && merged(loaded).filter((each) => kind === "all" || each.kind === kind);
  const taken = loaded && reversedOf(loaded.transactions);
  const hasMore = loaded && (loaded.moreTransactions !== null || loaded.moreEvents !== null);
  return (
    <section class="card history" aria-labelledby="history">
      <div class="card-head">
        <h2 id="history">History</h2>
        <select aria-label="Show in the history" value={kind} onChange={(event) => setKind(event.currentTarget.value as typeof kind)}>
          <option value="all">Points and events</option>
          <option value="transaction">Points</option>
          <option value="event">Events</option>
        </select>
      </div>
      {error !== undefined && <Failure error={error} again={again} />}
      {!loaded && error === undefined && <Loading rows={6} />}
      {entries?.length === 0 && <Empty title="Nothing has happened yet">Points and events appear here with their reasons.</Empty>}
      <ol class="timeline">
        {entries?.map((entry) => (
          <HistoryEntry key={entry.id} entry={entry} reversed={taken?.get(entry.id) ?? 0} {...props} />
        ))}
      </ol>
      {hasMore && (
        <p class="more">
          <button type="button" onClick={() => void read(loaded)}>
            Show older entries
          </button>
        </p>
      )}
    </section>
  );
}

function HistoryEntry(props: {
  entry: Entry;
  /** The points of it that were reversed. */
  reversed: number;
  person: string;
  zone: string | undefined;
  mayChange: boolean;
  act(action: Action<unknown>): void;
}) {
  const { entry, person } = props;
  const [isOpen, setOpen] = useState(false);
  const transaction = entry.kind === "transaction" ? entry.transaction : undefined;
  const left = transaction ? transaction.amount - props.reversed : 0;
  const isReversible = (transaction?.type === "award" || transaction?.type === "deduct") && left > 0;
  return (
    <li>
      <div class="entry">
        <div class="what">{entry.kind === "transaction" ? <Points of={entry.transaction} reversed={props.reversed} /> : <Happened of={entry.event} />}</div>
        <Time at={entry.at} zone={props.zone} hasDay />
        <div class="entry-buttons">
          {isReversible && transaction && props.mayChange && (
            <button type="button" class="quiet small" onClick={() => props.act(reverse(person, transaction, left))}>
              Reverse
            </button>
          )}
          <button type="button" class="quiet small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            Why?
          </button>
        </div>
      </div>
      {isOpen && <Why person={person} fact={entry.id} />}
    </li>
  );
}

function Points(props: { of: TransactionAnswer; reversed: number }) {
  const { of } = props;
  const isIn = incoming.has(of.type);
  const by = of.metadata?.["by"];
  return (
    <>
      <span class={`amount ${isIn ? "in" : "out"}`}>{signed(isIn ? of.amount : -of.amount)}</span>
      <span>
        {of.reason ?? words(of.type)}
        {props.reversed > 0 && (
          <>
            {" "}
            <span class="tag warn">{props.reversed < of.amount ? `${number(props.reversed)} reversed` : "reversed"}</span>
          </>
        )}
        <small class="faint">
          {" "}
          {of.reason ? `${words(of.type)} · ` : ""}balance {number(of.balance_after)}
          {typeof by === "string" && ` · by ${by}`}
          {of.base_amount !== undefined && ` · ${number(of.base_amount)} before limits and multipliers`}
        </small>
      </span>
    </>
  );
}

function Happened(props: { of: { event_name: string; properties: Record<string, unknown> } }) {
  const properties = Object.entries(props.of.properties);
  return (
    <>
      <span class="amount event" aria-hidden="true">
        •
      </span>
      <span>
        <code>{props.of.event_name}</code>
        {properties.length > 0 && (
          <small class="faint"> {properties.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ")}</small>
        )}
      </span>
    </>
  );
}

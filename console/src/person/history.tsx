/** All that happened to a person, newest first, each entry with its reasons. */

import type { HistoryFact, LostStreak } from "laurels";

import { useState } from "preact/hooks";

import { api } from "../api";
import { pageOf } from "../pages";
import type { Action } from "../parts/action";
import { Empty, Failure, Loading, Time } from "../parts/basics";
import { useList } from "../parts/list";
import { type Part, amountOf, fittingBalances, isLate, kindsOf, parts, reversedOf, withLosses } from "../timeline";
import { dayAndTime, localZone } from "../text";
import { type Named, reverse } from "./actions";
import { FactLine, LostLine } from "./fact";
import { Why } from "./why";

export function History(props: {
  person: Named;
  zone: string | undefined;
  lost: LostStreak[];
  mayChange: boolean;
  act(action: Action<unknown>): void;
}) {
  const { person } = props;
  const [part, setPart] = useState<Part | "all">("all");
  const list = useList(`history of ${person.id} ${part}`, async (after) => {
    const page = await pageOf(api.participantHistory(person.id, { page_size: 30, kinds: kindsOf(part) }), after);
    return { items: page.facts, total: page.total, next_cursor: page.next_cursor };
  });
  const facts = list.items ?? [];
  const reversed = reversedOf(facts);
  const fitting = fittingBalances(facts);
  const losses = part === "all" || part === "streaks" ? props.lost : [];
  const entries = list.items && withLosses(facts, losses, list.hasMore);
  return (
    <section class="card history" aria-labelledby="history">
      <div class="card-head">
        <h2 id="history">History</h2>
        <select aria-label="Show in the history" value={part} onChange={(event) => setPart(event.currentTarget.value as typeof part)}>
          <option value="all">Everything</option>
          {Object.entries(parts).map(([name, { label }]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </div>
      <small class="faint">
        Times in {localZone}
        {props.zone && props.zone !== localZone && `, and in the person's zone, ${props.zone}`}
      </small>
      {list.error !== undefined && <Failure error={list.error} again={list.again} />}
      {!list.items && list.error === undefined && <Loading rows={6} />}
      {entries?.length === 0 && (
        <Empty title={part === "all" ? "Nothing has happened yet" : `Nothing under ${parts[part].label}`}>
          Points, events, badges, tiers, streaks and claims appear here with their reasons.
        </Empty>
      )}
      <ol class="timeline">
        {entries?.map((entry) =>
          entry.kind === "lost" ? (
            <li key={entry.id}>
              <div class="entry">
                <div class="what">
                  <LostLine of={entry.lost} />
                </div>
                <span class="when">
                  <Time at={entry.at} zone={props.zone} hasDay />
                </span>
                <div class="entry-buttons" />
              </div>
            </li>
          ) : (
            <HistoryEntry
              key={entry.id}
              fact={entry.fact}
              reversed={reversed.get(entry.id) ?? 0}
              hasBalance={fitting.has(entry.id)}
              {...props}
            />
          ),
        )}
      </ol>
      {list.hasMore && (
        <p class="more">
          <button type="button" aria-disabled={list.isReading} onClick={() => !list.isReading && list.more()}>
            Show older entries
          </button>
        </p>
      )}
    </section>
  );
}

function HistoryEntry(props: {
  fact: HistoryFact;
  /** The points of it that were reversed. */
  reversed: number;
  hasBalance: boolean;
  person: Named;
  zone: string | undefined;
  mayChange: boolean;
  act(action: Action<unknown>): void;
}) {
  const { fact, person } = props;
  const [isOpen, setOpen] = useState(false);
  const left = amountOf(fact) - props.reversed;
  const isReversible = (fact.kind === "points_awarded" || fact.kind === "points_deducted") && left > 0;
  return (
    <li>
      <div class="entry">
        <div class="what">
          <FactLine of={fact} reversed={props.reversed} hasBalance={props.hasBalance} />
        </div>
        <span class="when">
          <Time at={fact.at} zone={props.zone} hasDay />
          {isLate(fact) && <small class="faint">recorded {dayAndTime(fact.recorded_at)}</small>}
        </span>
        <div class="entry-buttons">
          {isReversible && props.mayChange && (
            <button type="button" class="quiet small" onClick={() => props.act(reverse(person, fact, left))}>
              Reverse
            </button>
          )}
          <button type="button" class="quiet small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            Why?
          </button>
        </div>
      </div>
      {isOpen && <Why person={person.id} fact={fact.fact_id} />}
    </li>
  );
}

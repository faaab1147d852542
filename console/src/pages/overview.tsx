/** The figures of a period, compared with the period before. */

import type { StatisticShown, StatisticsAnswer } from "laurels";

import { api } from "../api";
import { useRead } from "../data";
import { save } from "../download";
import { compared, dayAfter, dayText, inOrder, labelOf, labelOfPeriod, levels, noteOf, ofPeriod } from "../figures";
import { useAttempt } from "../parts/attempt";
import { DayChart, Sparkline } from "../parts/chart";
import { Empty, Failure, Heading, Loading, Time } from "../parts/basics";
import { addressOf, place, refine } from "../route";
import { useSignal } from "../signals";
import { number, plural } from "../text";
import { Starters } from "./starters";

const spans = [7, 30, 90];

async function readAround() {
  const [people, waiting, liability] = await Promise.all([
    api.listParticipants({ page_size: 1 }).page(),
    api.listClaims({ page_size: 1, status: "claimed" }).page(),
    api.pointsLiability(),
  ]);
  return { people: people.total, waiting: waiting.total, liability };
}

type Around = Awaited<ReturnType<typeof readAround>>;

export function Overview() {
  const { query } = useSignal(place);
  const days = Number(query.get("days")) || 30;
  const end = query.get("to") ?? undefined;
  const asked = { to: end ?? null, from: end ? dayAfter(end, 1 - days) : null };
  const name = `statistics ${days} ${end ?? ""}`;
  const found = useRead(name, async () => {
    const last = end ?? (await api.dailyStatistics({})).days.at(-1) ?? "";
    return api.dailyStatistics({ ...asked, to: last, from: dayAfter(last, 1 - days) });
  });
  const around = useRead("around", readAround);
  const error = found.error ?? around.error;
  const again = () => {
    found.again();
    around.again();
  };
  return (
    <>
      <Heading note={found.data && <Counted statistics={found.data} />}>Overview</Heading>
      <Starters />
      <Period days={days} end={end} statistics={found.data} />
      {error !== undefined && <Failure error={error} again={again} />}
      {(!found.data || !around.data) && error === undefined && <Loading rows={6} />}
      {found.data && <Figures statistics={found.data} chosen={query.get("show") ?? "active_participants"} days={days} end={end} />}
      {around.data && <Present around={around.data} />}
    </>
  );
}

const byRecording = "Each day counts what was recorded on it. The history of a person and boards go by the day on which it happened.";

function Counted(props: { statistics: StatisticsAnswer }) {
  const { days, time_zone: zone, counted_until: until } = props.statistics;
  return (
    <>
      {dayText(days[0] ?? "")} to {dayText(days.at(-1) ?? "")}, {zone} · by the day of recording · counted until <Time at={until} isReal />
    </>
  );
}

function Period(props: { days: number; end: string | undefined; statistics: StatisticsAnswer | undefined }) {
  const { days, end, statistics } = props;
  const { error, isBusy, begin } = useAttempt();
  const { query } = useSignal(place);
  const choose = (more: Record<string, string>) => refine({ ...Object.fromEntries(query), ...more });
  const first = statistics?.days[0] ?? "";
  const last = statistics?.days.at(-1) ?? "";
  const download = (what: "statistics" | "transactions") =>
    begin(async () => {
      const period = { from: first, to: last };
      const text = what === "statistics" ? await api.dailyStatisticsCsv(period) : await api.transactionsCsv(period);
      save(text, `${what}-${first}-${last}.csv`, "text/csv");
    });
  return (
    <>
      <div class="filters">
        <div class="tabs" role="group" aria-label="Period">
          {spans.map((each) => (
            <button key={each} type="button" aria-pressed={each === days} onClick={() => choose({ days: String(each) })}>
              {each} days
            </button>
          ))}
        </div>
        <label class="beside">
          <span>until</span>
          <input type="date" value={end ?? last} max="9998-12-31" onChange={(event) => choose({ to: event.currentTarget.value })} />
        </label>
        {end && (
          <button type="button" class="quiet" onClick={() => choose({ to: "" })}>
            Today
          </button>
        )}
        <span class="gap" />
        <button type="button" disabled={!statistics} aria-disabled={isBusy} onClick={() => download("statistics")}>
          Figures as CSV
        </button>
        <button type="button" disabled={!statistics} aria-disabled={isBusy} onClick={() => download("transactions")}>
          Transactions as CSV
        </button>
      </div>
      {error !== undefined && <Failure error={error} />}
    </>
  );
}

function Figures(props: { statistics: StatisticsAnswer; chosen: string; days: number; end: string | undefined }) {
  const all = props.statistics.statistics;
  const sums = inOrder(all.filter((each) => each.code === null));
  const chosen = sums.find((each) => each.name === props.chosen) ?? sums[0];
  const { query } = useSignal(place);
  if (!chosen) return null;
  const codes = all.filter((each) => each.name === chosen.name && each.code !== null);
  return (
    <>
      <ul class="statistics">
        {sums.map((each) => (
          <li key={each.name}>
            <button
              type="button"
              aria-pressed={each.name === chosen.name}
              onClick={() => refine({ ...Object.fromEntries(query), show: each.name })}
            >
              <span class="statistic-name">{labelOfPeriod(each)}</span>
              <span class="statistic-total">{number(ofPeriod(each, each.total))}</span>
              <Change of={each} />
              <Sparkline values={each.by_day} isLevel={levels.has(each.name)} />
            </button>
          </li>
        ))}
      </ul>
      <section class="card" aria-label={labelOf(chosen)}>
        <DayChart label={labelOf(chosen)} days={props.statistics.days} values={chosen.by_day} />
        <p class="faint">
          {noteOf(chosen)} {byRecording}
        </p>
      </section>
      {codes.length > 0 && <Codes of={chosen} codes={codes} />}
    </>
  );
}

function Change(props: { of: StatisticShown }) {
  const { text, direction } = compared(props.of.total, props.of.total_before);
  const arrow = { up: "▲", down: "▼", same: "" }[direction];
  return (
    <span class={`change ${direction}`}>
      <span aria-hidden="true">{arrow}</span> {text}
    </span>
  );
}

function Codes(props: { of: StatisticShown; codes: StatisticShown[] }) {
  return (
    <table class="codes">
      <caption class="hidden">{labelOf(props.of)} by code</caption>
      <thead>
        <tr>
          <th scope="col">{labelOf(props.of)} by code</th>
          <th scope="col" class="figure">
            Total
          </th>
          <th scope="col" class="figure narrow-out">
            Before
          </th>
          <th scope="col">Change</th>
          <th scope="col" class="narrow-out spark">
            Days
          </th>
        </tr>
      </thead>
      <tbody>
        {props.codes.map((each) => (
          <tr key={each.code}>
            <th scope="row">
              <code>{each.code}</code>
            </th>
            <td class="figure">{number(each.total)}</td>
            <td class="figure narrow-out">{number(each.total_before)}</td>
            <td>
              <Change of={each} />
            </td>
            <td class="narrow-out spark">
              <Sparkline values={each.by_day} isLevel={levels.has(each.name)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Present(props: { around: Around }) {
  const { people, waiting, liability } = props.around;
  const months = liability.by_expiry_month;
  return (
    <section aria-labelledby="present">
      <h2 id="present" class="section">
        Now
      </h2>
      <dl class="figures">
        <Figure name="People">
          <a href={addressOf(["people"])}>{number(people)}</a>
        </Figure>
        <Figure name="Claims to be fulfilled">
          <a href={addressOf(["claims"])}>{number(waiting)}</a>
        </Figure>
        <Figure name="Points outstanding">{number(liability.outstanding)}</Figure>
        <Figure name="On hold">{number(liability.held)}</Figure>
        <Figure name="Share of points that expired">{liability.breakage_percent} %</Figure>
      </dl>
      {months.length > 0 && liability.outstanding > 0 && (
        <table>
          <caption class="hidden">Outstanding points by the month in which they expire</caption>
          <thead>
            <tr>
              <th scope="col">Outstanding points expire in</th>
              <th scope="col" class="figure">
                Points
              </th>
            </tr>
          </thead>
          <tbody>
            {months.map((each) => (
              <tr key={each.month}>
                <th scope="row">{each.month ?? "never"}</th>
                <td class="figure">{number(each.points)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {liability.outstanding === 0 && people === 0 && (
        <Empty title="Nothing has happened yet">
          Figures appear with the first call about a person. {plural(0, "person", "people")} so far.
        </Empty>
      )}
    </section>
  );
}

function Figure(props: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

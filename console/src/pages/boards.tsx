import { type LeaderboardDefinitionAnswer, type LeaderboardStandingsQuery, RefusedError } from "laurels";

import { api, session } from "../api";
import { useRead } from "../data";
import { allOf } from "../pages";
import { Empty, Failure, Heading, Loading, Time, sentence } from "../parts/basics";
import { More, useList } from "../parts/list";
import { addressOf, go, place, refine } from "../route";
import { useSignal } from "../signals";
import { localZone, number, plural, withZone, words } from "../text";
import { windowBefore } from "../windows";

const arrows: Record<string, string> = { up: "▲", down: "▼", new: "new", same: "" };
/** The field and an example for a past window, by the kind of window. */
const pastWindows: Record<string, { type: "date" | "week" | "month" | "number"; example: string }> = {
  daily: { type: "date", example: "2026-02-14" },
  weekly: { type: "week", example: "2026-W07" },
  monthly: { type: "month", example: "2026-02" },
  yearly: { type: "number", example: "2026" },
};

/** The button to the window before the present one. */
const lastWindows: Record<string, string> = { daily: "Yesterday", weekly: "Last week", monthly: "Last month", yearly: "Last year" };

export function Boards(props: { code: string | undefined }) {
  const found = useRead("boards", () => allOf(api.listLeaderboards({ page_size: 100 })));
  const code = props.code ?? found.data?.[0]?.code;
  const board = found.data?.find((each) => each.code === code);
  return (
    <>
      <Heading note={board && <a href={addressOf(["definitions", "leaderboards", board.code])}>Definition and seasons</a>}>Boards</Heading>
      {found.error !== undefined && <Failure error={found.error} again={found.again} />}
      {!found.data && found.error === undefined && <Loading />}
      {found.data?.length === 0 && (
        <Empty title="No board is defined">
          Make one under <a href={addressOf(["definitions", "leaderboards"])}>Definitions</a>.
        </Empty>
      )}
      {code && (
        <>
          <div class="filters">
            <label>
              <span>Board</span>
              <select value={code} onChange={(event) => go("boards", event.currentTarget.value)}>
                {found.data?.map((each) => (
                  <option key={each.code} value={each.code}>
                    {each.name}
                    {each.is_active ? "" : " (not active)"}
                  </option>
                ))}
              </select>
            </label>
            <Window board={board} />
          </div>
          <Standings code={code} board={board} />
        </>
      )}
    </>
  );
}

type Board = LeaderboardDefinitionAnswer | undefined;

function Window(props: { board: Board }) {
  const { board } = props;
  const { query } = useSignal(place);
  const given = Object.fromEntries(query);
  const period = given["period"] ?? "";
  const seasons = board?.seasons ?? [];
  const isSeason = seasons.some((each) => each.code === period);
  const past = pastWindows[period || (board?.time_window ?? "")];
  const isPast = isSeason || (given["key"] ?? "") !== "";
  return (
    <>
      <label>
        <span>Window</span>
        <select value={period} onChange={(event) => refine({ ...given, period: event.currentTarget.value, key: "", result: "" })}>
          <option value="">{board ? `${words(board.time_window)} (default)` : ""}</option>
          {board?.windows
            .filter((each) => each !== board.time_window)
            .map((each) => (
              <option key={each} value={each}>
                {words(each)}
              </option>
            ))}
          {seasons.length > 0 && (
            <optgroup label="Seasons">
              {seasons.map((each) => (
                <option key={each.code} value={each.code}>
                  {each.code}, {each.from} to {each.to}
                </option>
              ))}
            </optgroup>
          )}
        </select>
      </label>
      {past && (
        <label>
          <span>Past window</span>
          <input
            type={past.type}
            value={given["key"] ?? ""}
            placeholder={past.example}
            onChange={(event) => {
              const key = event.currentTarget.value.trim();
              refine({ ...given, key, result: key && (given["result"] ?? "") });
            }}
          />
        </label>
      )}
      <label>
        <span>Around a person</span>
        <input
          value={given["around"] ?? ""}
          placeholder="Id of the person"
          disabled={given["result"] === "true"}
          onChange={(event) => refine({ ...given, around: event.currentTarget.value.trim() })}
        />
      </label>
      {isPast && (
        <label class="beside">
          <input
            type="checkbox"
            checked={given["result"] === "true"}
            onChange={(event) => refine({ ...given, around: "", result: event.currentTarget.checked ? "true" : "" })}
          />
          <span>Final result</span>
        </label>
      )}
    </>
  );
}

function Standings(props: { code: string; board: Board }) {
  const { query } = useSignal(place);
  const signedIn = useSignal(session);
  const isResult = query.get("result") === "true";
  const asked: LeaderboardStandingsQuery = {
    period: query.get("period") || null,
    period_key: query.get("key") || null,
    around: query.get("around") || null,
    include: "profile",
    limit: 50,
    ...(isResult ? { result: true } : {}),
  };
  const list = useList(`board ${props.code} ${JSON.stringify(asked)}`, async (after) => {
    const page = await api.leaderboardStandings(props.code, { ...asked, after: after ?? null });
    const { entries: items, total_participants: total, next_cursor: next, ...about } = page;
    return { items, total, next_cursor: next ?? null, about };
  });
  if (isResult && list.error instanceof RefusedError && list.error.status === 404) {
    return <Empty title="There is no result">{sentence(list.error)} A result is stored 24 hours after the end of its window.</Empty>;
  }
  if (list.error !== undefined) return <Failure error={list.error} again={list.again} />;
  if (!list.items || !list.about) return <Loading rows={8} />;
  const { period_key: key, resets_at: resets, result_at: stored, progress } = list.about;
  // In the zone of its end: for others it ends at another hour.
  const zone = signedIn?.project.time_zone ?? localZone;
  const window = asked.period ?? props.board?.time_window ?? "";
  const before = key ? windowBefore(key) : undefined;
  const season = props.board?.seasons.find((each) => each.code === asked.period);
  return (
    <>
      <p class="faint">
        {plural(list.total, "person", "people")} on the board
        {key && `, ${key}`}
        {season && `, ${season.from} to ${season.to}`}
        {resets && `, until ${withZone(resets, zone)}`}
        {stored && (
          <>
            ; <strong>final result</strong>, stored <Time at={stored} />
          </>
        )}
        {before && (
          <>
            {" "}
            <button type="button" class="quiet small" onClick={() => refine({ ...Object.fromEntries(query), key: before, result: "" })}>
              {asked.period_key ? `Before: ${before}` : (lastWindows[window] ?? before)}
            </button>
          </>
        )}
      </p>
      {progress !== undefined && <p class="note">The board is being filled from history: {Math.floor(progress * 100)} %.</p>}
      {list.items.length === 0 && <Nobody person={asked.around ?? undefined} />}
      {list.items.length > 0 && (
        <table class={list.isReading ? "stale" : ""}>
          <caption class="hidden">Standings</caption>
          <thead>
            <tr>
              <th scope="col" class="figure least">
                Rank
              </th>
              <th scope="col">Person</th>
              <th scope="col" class="figure">
                Score
              </th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((each) => (
              <tr key={each.participant_id} class={each.participant_id === asked.around ? "marked" : ""}>
                <td class="figure">
                  <small class="faint">{each.change ? arrows[each.change] : ""}</small> {number(each.rank)}
                </td>
                <th scope="row">
                  <a href={addressOf(["people", each.participant_id])}>{each.display_name ?? each.participant_id}</a>{" "}
                  {each.display_name && <code class="faint">{each.participant_id}</code>}
                </th>
                <td class="figure">{number(each.score)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <More list={list} noun="people" />
    </>
  );
}

function Nobody(props: { person: string | undefined }) {
  const { person } = props;
  if (person === undefined) return <Empty title="Nobody is on this board">Points and events that its metric counts put people here.</Empty>;
  return (
    <Empty title={`No person with the id ${person} is on this board in this window`}>
      <a href={addressOf(["people"], { search: person })}>Search people</a> for a name or another id.
    </Empty>
  );
}

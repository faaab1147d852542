/** The streaks of a person, with their last records and the runs that were lost. */

import type { LostStreak, StreakStatus, StreaksAnswer } from "laurels";

import { session } from "../api";
import { useSignal } from "../signals";
import { dayAndTime, lengthIn, span } from "../text";

const lossesShown = 3;

/** `zone` is that of the person; without it, the days of a streak are those of the project. */
export function Streaks(props: { streaks: StreaksAnswer; lost: LostStreak[]; zone: string | undefined }) {
  const all = props.streaks.streaks;
  const projectZone = useSignal(session)?.project.time_zone;
  const zone = props.zone ?? projectZone;
  return (
    <section class="card" aria-labelledby="streaks">
      <h2 id="streaks">Streaks</h2>
      {all.length === 0 && <p class="faint">No streak is defined</p>}
      <ul class="rows">
        {all.map((each) => (
          <li key={each.code} class="streak">
            <Streak of={each} lost={props.lost.filter((lost) => lost.code === each.code)} zone={zone} />
          </li>
        ))}
      </ul>
      {all.some((each) => each.last_recorded_at) && <small class="faint">Days and times in {zone}</small>}
    </section>
  );
}

function Streak(props: { of: StreakStatus; lost: LostStreak[]; zone: string | undefined }) {
  const { of, lost } = props;
  const shown = (moment: string) => dayAndTime(moment, undefined, props.zone);
  return (
    <>
      <p>
        <strong>{of.current_count}</strong> {of.name}{" "}
        <small class="faint">
          {of.period}, longest {of.longest_count}
        </small>
      </p>
      {of.last_recorded_at && (
        <p>
          <small>
            Last: {shown(of.last_recorded_at)}.{" "}
            {of.expires_at && of.current_count > 0 && (
              <span class={of.is_at_risk ? "warn" : ""}>
                {of.is_at_risk ? "At risk, lapses" : "Lapses"} {shown(of.expires_at)}.
              </span>
            )}
          </small>
        </p>
      )}
      {lost.slice(0, lossesShown).map((each) => (
        <p key={each.lost_at}>
          <small class="faint">
            Before: {lengthIn(each.period, each.count)}, {span(each.first_period, each.last_period)}, lost {shown(each.lost_at)}.
          </small>
        </p>
      ))}
      {lost.length > lossesShown && <small class="faint">More are in the history under Streaks.</small>}
    </>
  );
}

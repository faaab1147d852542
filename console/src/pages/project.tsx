/** The project: its calendar, settings and clock, and definitions from another project. */

import type { ChangeProjectRequest, ClockAnswer, ClockMovedAnswer, ProjectShown } from "laurels";

import { useState } from "preact/hooks";

import { api, clientOf, clockOffset, projects, session } from "../api";
import { useChanges, useRead } from "../data";
import { fileOf, readDefinitions } from "../definitions/plan";
import { PlanView } from "../definitions/plan_view";
import { type Action, ActionDialog } from "../parts/action";
import { Empty, Failure, Heading, Loading } from "../parts/basics";
import { may } from "../roles";
import { useSignal } from "../signals";
import { dateAndTime, localZone, number, plural, withZone, words } from "../text";
import { type Moment, upcoming } from "../upcoming";

export function Project() {
  const signedIn = useSignal(session);
  const [action, setAction] = useState<Action<unknown>>();
  if (!signedIn) return null;
  const { project, scope } = signedIn;
  return (
    <>
      <Heading note={<code>{project.code}</code>}>{project.name}</Heading>
      <div class="columns even">
        <div class="side">
          {may(scope, "operate") ? <Settings code={project.code} act={setAction} /> : <Basics />}
          <Clock isTest={project.mode === "test"} mayMove={may(scope, "define")} act={setAction} />
        </div>
        <div class="side">{may(scope, "define") && <Copy present={project.code} />}</div>
      </div>
      {action && <ActionDialog action={action} close={() => setAction(undefined)} />}
    </>
  );
}

function Basics() {
  const project = useSignal(session)?.project;
  return (
    <section class="card" aria-labelledby="calendar">
      <h2 id="calendar">Calendar</h2>
      <p>
        {project && words(project.mode)} project in the time zone <strong>{project?.time_zone}</strong>.
      </p>
      <Days zone={project?.time_zone ?? ""} />
      <p class="faint">A key of the scope operator also shows and changes the other settings.</p>
    </section>
  );
}

function Settings(props: { code: string; act(action: Action<unknown>): void }) {
  const found = useRead(`project ${props.code}`, () => api.getProject(props.code));
  useChanges(found.again);
  if (found.error !== undefined) return <Failure error={found.error} again={found.again} />;
  if (!found.data) return <Loading rows={4} />;
  const project = found.data;
  const rows: [string, string, Action<ProjectShown>?][] = [
    ["Name", project.name, setting(project, "name", "Name", project.name)],
    ["Time zone", project.time_zone, setting(project, "time_zone", "Time zone", project.time_zone)],
    ["Weeks begin on", words(project.first_day_of_week)],
    ["Created", withZone(project.created_at, localZone)],
    [
      "Content of events is kept",
      project.event_retention_days === null ? "permanently" : `${number(project.event_retention_days)} days`,
      setting(project, "event_retention_days", "Days", project.event_retention_days),
    ],
    [
      "Requests per second",
      project.rate_limit ? number(project.rate_limit) : "no limit",
      setting(project, "rate_limit", "Requests per second", project.rate_limit),
    ],
    ["Unknown fields", project.strict_fields ? "refused" : "ignored unless they look misspelled", strictness(project)],
  ];
  return (
    <section class="card" aria-labelledby="settings">
      <h2 id="settings">Settings</h2>
      <dl class="settings">
        {rows.map(([name, value, change]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
            <dd>
              {change && (
                <button type="button" class="quiet small" aria-label={`Change: ${name}`} onClick={() => props.act(change)}>
                  Change
                </button>
              )}
            </dd>
          </div>
        ))}
      </dl>
      <Days zone={project.time_zone} />
    </section>
  );
}

/** The days that begin in the zone of the project, and those that begin in the zone of each person. */
function Days(props: { zone: string }) {
  return (
    <p class="faint">
      Days of boards, figures and limits for all people together begin at midnight in {props.zone}. Days of streaks, challenges, limits per person and
      expiries begin at midnight of each person's own time zone; of {props.zone}, if a person has none.
    </p>
  );
}

const follows: Record<string, string> = {
  name: "Shown to your team.",
  time_zone: "Can be changed only before the project has its first participant, because activity is counted by days.",
  event_retention_days: "Properties of older events are removed; their effects stay. Leave it empty to keep them permanently.",
  rate_limit: "For all keys of the project together. Leave it empty for no limit.",
};

function setting(project: ProjectShown, field: string, label: string, value: string | number | null): Action<ProjectShown> {
  const isNumber = field === "event_retention_days" || field === "rate_limit";
  return {
    title: `Change: ${label.toLowerCase()}`,
    verb: "Change",
    fields: [{ name: field, label, kind: isNumber ? "number" : "text", first: value === null ? "" : String(value), isOptional: isNumber }],
    follows: () => <p>{follows[field]}</p>,
    call: (client, values) => {
      const given = (values[field] ?? "").trim();
      const body = { [field]: isNumber ? (given === "" ? null : Number(given)) : given } as ChangeProjectRequest;
      return client.changeProject(project.code, body);
    },
    done: () => "The project is changed. All servers follow within 5 seconds.",
  };
}

function strictness(project: ProjectShown): Action<ProjectShown> {
  return {
    title: project.strict_fields ? "Ignore unknown fields" : "Refuse unknown fields",
    verb: "Change",
    fields: [],
    follows: () => <p>Holds for fields and parameters of all requests of the project.</p>,
    call: (client) => client.changeProject(project.code, { strict_fields: !project.strict_fields }),
    done: () => "The project is changed.",
  };
}

const hour = 3_600;
const steps: [string, number][] = [
  ["1 hour", hour],
  ["1 day", 24 * hour],
  ["7 days", 7 * 24 * hour],
  ["30 days", 30 * 24 * hour],
];

function Clock(props: { isTest: boolean; mayMove: boolean; act(action: Action<unknown>): void }) {
  const clock = useRead("clock", () => api.getClock());
  const next = useRead("what happens next", async () => {
    const [definitions, liability] = await Promise.all([readDefinitions(api), api.pointsLiability()]);
    return { definitions, liability };
  });
  const again = () => {
    clock.again();
    next.again();
  };
  useChanges(again);
  const zone = useSignal(session)?.project.time_zone ?? "UTC";
  const error = clock.error ?? next.error;
  return (
    <section class="card" aria-labelledby="clock">
      <h2 id="clock">Clock</h2>
      {error !== undefined && <Failure error={error} again={again} />}
      {clock.data && (
        <p>
          <strong>{dateAndTime(clock.data.now, zone)}</strong> <span class="faint">{zone}</span>{" "}
          {clock.data.offset_ms > 0 && <span class="tag warn">ahead by {ahead(clock.data.offset_ms)}</span>}
        </p>
      )}
      {props.isTest && props.mayMove && (
        <div class="actions" role="group" aria-label="Move the clock">
          {steps.map(([label, seconds]) => (
            <button key={label} type="button" onClick={() => props.act(moved(label, seconds))}>
              + {label}
            </button>
          ))}
        </div>
      )}
      {!props.isTest && <p class="faint">The clock of a live project cannot be moved.</p>}
      {clock.data && next.data && <Next moments={upcoming(next.data.definitions, next.data.liability, clock.data.now)} zone={zone} />}
    </section>
  );
}

function ahead(milliseconds: number): string {
  const hours = Math.round(milliseconds / 3_600_000);
  return hours < 48 ? plural(hours, "hour") : plural(Math.round(hours / 24), "day");
}

function moved(label: string, seconds: number): Action<ClockMovedAnswer> {
  return {
    title: `Move the clock forward by ${label}`,
    verb: "Move the clock",
    fields: [],
    follows: () => <p>Everything that comes due until then happens: points and holds expire, streaks lapse. The clock cannot be moved back.</p>,
    call: (client) => client.moveClock({ advance_seconds: seconds }),
    done: (clock: ClockAnswer) => {
      clockOffset.set(clock.offset_ms);
      return `The clock is at ${withZone(clock.now, localZone)}.`;
    },
  };
}

function Next(props: { moments: Moment[]; zone: string }) {
  return (
    <>
      <h3>What happens next</h3>
      {props.moments.length === 0 && <p class="faint">No definition begins or ends, and no points expire.</p>}
      <ul class="rows">
        {props.moments.map((each) => (
          <li key={each.at + each.what}>
            <span>{each.what}</span>
            <small class="faint">{each.isMonth ? each.at : dateAndTime(each.at, props.zone)}</small>
          </li>
        ))}
      </ul>
    </>
  );
}

function Copy(props: { present: string }) {
  const others = useSignal(projects).filter((each) => each.code !== props.present);
  const [source, setSource] = useState("");
  return (
    <section class="card" aria-labelledby="copy">
      <h2 id="copy">Copy definitions from another project</h2>
      {others.length === 0 ? (
        <Empty title="You are signed in to one project">
          Sign in to the project to copy from, such as a test project: <em>Another project …</em> at the top left.
        </Empty>
      ) : (
        <>
          <label class="field">
            <span>From</span>
            <select value={source} onChange={(event) => setSource(event.currentTarget.value)}>
              <option value="">Choose …</option>
              {others.map((each) => (
                <option key={each.code} value={each.code}>
                  {each.name}
                </option>
              ))}
            </select>
          </label>
          {source && <FromProject key={source} source={source} />}
        </>
      )}
    </section>
  );
}

function FromProject(props: { source: string }) {
  const file = useRead(`file of ${props.source}`, async () => fileOf(await readDefinitions(clientOf(props.source))));
  if (file.error !== undefined) return <Failure error={file.error} again={file.again} />;
  if (!file.data) return <Loading />;
  return (
    <>
      <p class="faint">Definitions that only this project has stay as they are.</p>
      <PlanView file={file.data} />
    </>
  );
}

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { type Session, api, clockOffset, findSession, projects, session, signOut, switchTo } from "./api";
import { forget } from "./data";
import { draftsToForget } from "./definitions/drafts";
import { AuditLog } from "./pages/audit";
import { Boards } from "./pages/boards";
import { Challenges } from "./pages/challenges";
import { Claims } from "./pages/claims";
import { Definitions } from "./pages/definitions";
import { Feed } from "./pages/feed";
import { Keys } from "./pages/keys";
import { Overview } from "./pages/overview";
import { People } from "./pages/people";
import { Person } from "./pages/person";
import { Project } from "./pages/project";
import { Rewards } from "./pages/rewards";
import { Mark, SignIn } from "./pages/sign_in";
import { Webhooks } from "./pages/webhooks";
import { Empty, Failure, Heading, NotAllowed, sentence } from "./parts/basics";
import { Calls } from "./parts/calls";
import { Messages, tell } from "./parts/messages";
import { type Task, may } from "./roles";
import { type Place, place } from "./route";
import { useSignal } from "./signals";
import { type Theme, chooseTheme, theme } from "./theme";

interface Area {
  name: string;
  label: string;
  task: Task;
  show(path: string[]): ComponentChildren;
}

const areas: Area[] = [
  { name: "people", label: "People", task: "read", show: ([id]) => (id === undefined ? <People /> : <Person key={id} id={id} />) },
  { name: "overview", label: "Overview", task: "read", show: () => <Overview /> },
  { name: "rewards", label: "Rewards", task: "read", show: () => <Rewards /> },
  { name: "claims", label: "Claims", task: "read", show: () => <Claims /> },
  { name: "boards", label: "Boards", task: "read", show: ([code]) => <Boards code={code} /> },
  { name: "challenges", label: "Challenges", task: "read", show: () => <Challenges /> },
  { name: "definitions", label: "Definitions", task: "read", show: ([kind, code]) => <Definitions kind={kind} code={code} /> },
  { name: "feed", label: "Feed", task: "read", show: () => <Feed /> },
  { name: "webhooks", label: "Webhooks", task: "read", show: ([code, part]) => <Webhooks code={code} part={part} /> },
  { name: "project", label: "Project", task: "read", show: () => <Project /> },
  { name: "keys", label: "Keys", task: "keys", show: () => <Keys /> },
  { name: "audit", label: "Audit log", task: "keys", show: () => <AuditLog /> },
];

export function App() {
  const signedIn = useSignal(session);
  const [error, setError] = useState<unknown>();
  const find = () => {
    setError(undefined);
    findSession().catch(setError);
  };
  useEffect(find, []);
  const project = signedIn?.project.code;
  // Before the pages of another project are drawn.
  useMemo(forget, [project]);
  if (error !== undefined && signedIn === undefined) {
    return (
      <main class="sign-in">
        <Failure error={error} again={find} />
      </main>
    );
  }
  if (signedIn === undefined) return null;
  return signedIn ? <SignedIn key={signedIn.project.code} session={signedIn} /> : <SignIn />;
}

function SignedIn(props: { session: Session }) {
  const [isAdding, setAdding] = useState(false);
  useEffect(() => {
    let isPresent = true;
    if (props.session.project.mode === "test" && may(props.session.scope, "read")) {
      // Times are shown by the project's clock; without it, by the real one.
      api.getClock().then(
        (clock) => isPresent && clockOffset.set(clock.offset_ms),
        () => undefined,
      );
    }
    return () => {
      isPresent = false;
      clockOffset.set(0);
    };
  }, [props.session]);
  const at = useSignal(place);
  const name = at.path[0] ?? "people";
  const area = areas.find((each) => each.name === name);
  useEffect(() => {
    document.title = `${area?.label ?? "Not found"} · Laurels`;
  }, [area]);
  if (isAdding) return <SignIn cancel={() => setAdding(false)} />;
  return (
    <div class="shell">
      <a class="skip" href="#content" onClick={skip}>
        Skip to the content
      </a>
      <Side session={props.session} present={name} add={() => setAdding(true)} />
      <main id="content" tabIndex={-1}>
        <Shown area={area} at={at} session={props.session} />
      </main>
      <Calls />
      <Messages />
    </div>
  );
}

function skip(event: Event): void {
  // The part behind the # is the place in the console.
  event.preventDefault();
  document.getElementById("content")?.focus();
}

function Shown(props: { area: Area | undefined; at: Place; session: Session }) {
  const { area, at } = props;
  if (!area) {
    return (
      <>
        <Heading>There is no such page</Heading>
        <Empty title="The address leads nowhere">
          <a href="#/people">People</a> is a good place to start.
        </Empty>
      </>
    );
  }
  if (!may(props.session.scope, area.task)) {
    return (
      <>
        <Heading>{area.label}</Heading>
        <NotAllowed task={area.task} />
      </>
    );
  }
  return <>{area.show(at.path.slice(1))}</>;
}

function Side(props: { session: Session; present: string; add(): void }) {
  const { project, key_name: name, scope } = props.session;
  const nav = useRef<HTMLElement>(null);
  const leave = () => {
    const forgetDrafts = draftsToForget();
    signOut().then(forgetDrafts, (error: unknown) => tell(sentence(error)));
  };
  useEffect(() => {
    // In a narrow window the pages are one line that scrolls.
    const link = nav.current?.querySelector<HTMLElement>("[aria-current]");
    if (nav.current && link) nav.current.scrollLeft = link.offsetLeft - nav.current.offsetLeft - link.offsetWidth / 2;
  }, [props.present]);
  return (
    <header class="side-bar">
      <p class="brand">
        <Mark /> Laurels
      </p>
      <div class="project">
        <ProjectChoice present={project.code} add={props.add} />
        <small class="faint">
          {project.mode === "test" && <span class="tag warn">test</span>} {project.time_zone}
        </small>
      </div>
      <nav aria-label="Main" ref={nav}>
        <ul>
          {areas
            .filter((each) => may(scope, each.task))
            .map((each) => (
              <li key={each.name}>
                <a href={`#/${each.name}`} aria-current={each.name === props.present ? "page" : undefined}>
                  {each.label}
                </a>
              </li>
            ))}
        </ul>
      </nav>
      <div class="who">
        <p>
          {name} <code class="faint">{scope}</code>
        </p>
        <ThemeChoice />
        <button type="button" class="small" onClick={leave}>
          Sign out
        </button>
      </div>
    </header>
  );
}

const another = " another";

function ProjectChoice(props: { present: string; add(): void }) {
  const known = useSignal(projects);
  const choose = (code: string) => {
    if (code === another) props.add();
    else void switchTo(code).catch((error: unknown) => tell(sentence(error)));
  };
  return (
    <select aria-label="Project" value={props.present} onChange={(event) => {
      choose(event.currentTarget.value);
      event.currentTarget.value = props.present;
    }}>
      {known.map((each) => (
        <option key={each.code} value={each.code}>
          {each.name}
        </option>
      ))}
      <option value={another}>Another project …</option>
    </select>
  );
}

function ThemeChoice() {
  const chosen = useSignal(theme);
  return (
    <select aria-label="Theme" value={chosen} onChange={(event) => chooseTheme(event.currentTarget.value as Theme)}>
      <option value="system">System theme</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  );
}

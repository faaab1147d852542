/** The session, and calls to the API: all of them go through the TypeScript client, and each is noted to be shown. */

import { Laurels, type LaurelsOptions, RefusedError } from "laurels";

import { signal } from "./signals";

type Session = Awaited<ReturnType<Laurels["currentSession"]>>;
export type Scope = Session["scope"];
export type { Session };

/** What a call was, as it was sent. */
export interface Sent {
  method: string;
  /** Behind the address of the server. */
  path: string;
  body: unknown;
}

export interface Called extends Sent {
  /** Counted since the sign-in, from 1. */
  number: number;
  at: Date;
  status: number | undefined;
  milliseconds: number;
  requestId: string | null;
}

/** The address of the server: the console is one folder below it, whatever comes before. */
export const base = new URL("..", document.baseURI).href.replace(/\/$/, "");
const callsKept = 50;
// No script can see the session's cookie; without this, every visitor's first call would be refused.
const signedInPlace = "laurels-signed-in";

/** Null when nobody is signed in, undefined while that is not known. */
export const session = signal<Session | null | undefined>(undefined);
/** Why somebody who was signed in is not any more. */
export const ended = signal("");
/** The last calls, newest first. */
export const calls = signal<Called[]>([]);
/** By how many milliseconds the clock of a test project is ahead. */
export const clockOffset = signal(0);

function sentOf(url: string, init: RequestInit | undefined): Sent {
  const body = typeof init?.body === "string" ? (JSON.parse(init.body) as unknown) : undefined;
  return { method: init?.method ?? "GET", path: url.slice(base.length), body };
}

/** Sends and notes the requests of a client: of the session of `project`, until `left`. */
function noting(project?: string, left?: AbortSignal): typeof fetch {
  return async (input, init) => {
    const begun = performance.now();
    const signals = [left, init?.signal].filter((each) => each instanceof AbortSignal);
    let response: Response | undefined;
    try {
      response = await fetch(input, { ...init, signal: AbortSignal.any(signals) });
      return response;
    } finally {
      if (!left?.aborted) {
        const called: Called = {
          ...sentOf(String(input), init),
          number: (calls.get()[0]?.number ?? 0) + 1,
          at: new Date(),
          status: response?.status,
          milliseconds: Math.round(performance.now() - begun),
          requestId: response?.headers.get("x-request-id") ?? null,
        };
        calls.set([called, ...calls.get()].slice(0, callsKept));
        // The session of another project can end while this one stays.
        if (response?.status === 401 && project !== undefined && session.get()?.project.code === project) {
          ended.set("The session has ended. Sign in again, and this page comes back.");
          session.set(null);
        }
      }
    }
  };
}

const options: LaurelsOptions = { url: base, retries: 2 };

/** Acts for the session of a project. */
export function clientOf(project: string, left?: AbortSignal): Laurels {
  return new Laurels({ ...options, fetch: noting(project, left), session: project });
}

/** Acts for the session of the present project. What makes several calls keeps it, so that all go to one project. */
export let api = new Laurels({ ...options, fetch: noting() });
/** Ends the requests of `api`. */
let leaving = new AbortController();

/** What `call` would send, without sending it. */
export async function preview(call: (client: Laurels) => Promise<unknown>): Promise<Sent> {
  let sent: Sent | undefined;
  const client = new Laurels({
    url: base,
    retries: 0,
    fetch: async (input, init) => {
      sent = sentOf(String(input), init);
      throw new Error("only a preview");
    },
  });
  await call(client).catch(() => undefined);
  if (!sent) throw new Error("nothing would be sent");
  return sent;
}

/** A project in which this browser is signed in. */
export interface Known {
  code: string;
  name: string;
  mode: string;
}

function stored(): Known[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(signedInPlace) ?? "[]");
    return Array.isArray(found) ? (found as Known[]) : [];
  } catch {
    return [];
  }
}

/** The projects in which this browser is signed in, the present one first. */
export const projects = signal<Known[]>(stored());

function keep(known: Known[]): void {
  localStorage.setItem(signedInPlace, JSON.stringify(known));
  projects.set(known);
}

function begin(found: Session): void {
  const { code, name, mode } = found.project;
  keep([{ code, name, mode }, ...projects.get().filter((each) => each.code !== code)]);
  leaving = new AbortController();
  api = clientOf(code, leaving.signal);
  ended.set("");
  session.set(found);
}

/** Throws LaurelsError when the server cannot be asked. */
export async function findSession(): Promise<void> {
  for (const known of projects.get()) {
    try {
      begin(await clientOf(known.code).currentSession());
      return;
    } catch (error) {
      if (!(error instanceof RefusedError && error.status === 401)) throw error;
      keep(projects.get().filter((each) => each.code !== known.code));
    }
  }
  session.set(null);
}

/** Throws LaurelsError. */
export async function signIn(key: string): Promise<void> {
  const found = await new Laurels({ ...options, fetch: noting(), key }).currentSession();
  const signedIn = await new Laurels({ ...options, fetch: noting(), key, session: found.project.code }).signIn();
  calls.set([]);
  begin(signedIn);
}

/** Throws LaurelsError. */
export async function switchTo(project: string): Promise<void> {
  begin(await clientOf(project).currentSession());
}

/** Ends the session of the present project; another project follows, if this browser is signed in to one. Throws LaurelsError. */
export async function signOut(): Promise<void> {
  const present = session.get();
  if (!present) return;
  // The pages go first, with their requests: a request behind the end of its session would be refused.
  session.set(undefined);
  leaving.abort();
  try {
    await clientOf(present.project.code).signOut();
  } catch (error) {
    begin(present);
    throw error;
  }
  keep(projects.get().filter((each) => each.code !== present.project.code));
  try {
    await findSession();
  } catch (error) {
    session.set(null);
    throw error;
  }
}

import { useState } from "preact/hooks";

import { api, base, session } from "../api";
import { useChanges, useRead } from "../data";
import { type Change, Changes } from "../definitions/changes";
import { Form } from "../definitions/form";
import { type Definition, type Draft, type Kind, kinds } from "../definitions/kinds";
import { readDefinitions } from "../definitions/plan";
import { type Reference, usedBy, uses } from "../definitions/references";
import { type FormField, type Schema, asWritten, differences, fieldsOf } from "../definitions/schema";
import { Simulation } from "../definitions/simulation";
import { type Action, ActionDialog } from "../parts/action";
import { Empty, Failure, Heading, Loading, Time } from "../parts/basics";
import { may } from "../roles";
import { addressOf, go } from "../route";
import { useSignal } from "../signals";
import { plural } from "../text";
import { yaml } from "../yaml";
import { Starters } from "./starters";

interface Document {
  components: { schemas: Record<string, Schema> };
}

async function readDocument(): Promise<Document> {
  return (await (await fetch(`${base}/openapi.json`)).json()) as Document;
}

async function readAll(kind: Kind): Promise<{ live: Definition[]; deleted: Definition[] }> {
  const [live, deleted] = await Promise.all(
    [false, true].map(async (isDeleted) => (await kind.list(api, { page_size: 100, is_deleted: isDeleted }).page()).items),
  );
  return { live: live ?? [], deleted: deleted ?? [] };
}

export function Definitions(props: { kind: string | undefined; code: string | undefined }) {
  const kind = kinds.find((each) => each.name === props.kind) ?? kinds[0];
  if (!kind) return null;
  const Shown = props.code === undefined ? AllOfKind : One;
  return <Shown key={`${kind.name} ${props.code}`} kind={kind} code={props.code ?? ""} />;
}

function AllOfKind(props: { kind: Kind }) {
  const { kind } = props;
  const signedIn = useSignal(session);
  const mayChange = signedIn ? may(signedIn.scope, "define") : false;
  const found = useRead(`definitions ${kind.name}`, () => readAll(kind));
  useChanges(found.again);
  const [action, setAction] = useState<Action<unknown>>();
  return (
    <>
      <Heading note={found.data && plural(found.data.live.length, kind.one)}>Definitions</Heading>
      <nav class="tabs" aria-label="Kinds">
        {kinds.map((each) => (
          <a key={each.name} href={addressOf(["definitions", each.name])} aria-current={each === kind ? "page" : undefined}>
            {each.label}
          </a>
        ))}
      </nav>
      <Starters />
      {mayChange && (
        <div class="actions">
          <button type="button" class="primary" onClick={() => go("definitions", kind.name, "new")}>
            New {kind.one}
          </button>
        </div>
      )}
      {found.error !== undefined && <Failure error={found.error} again={found.again} />}
      {!found.data && found.error === undefined && <Loading />}
      {found.data?.live.length === 0 && (
        <Empty title={`No ${kind.one} is defined`}>
          Make one here, or apply a definitions file with <code>laurels apply</code>.
        </Empty>
      )}
      {found.data && found.data.live.length > 0 && <Listed all={found.data.live} kind={kind} />}
      {found.data && found.data.deleted.length > 0 && (
        <details class="deleted">
          <summary>{plural(found.data.deleted.length, "deleted one")}</summary>
          <ul class="rows">
            {found.data.deleted.map((each) => (
              <li key={each.id}>
                <span>
                  {each.name} <code class="faint">{each.code}</code>
                </span>
                {each.deleted_at && <Time at={each.deleted_at} />}
                {mayChange && (
                  <button type="button" class="quiet small" onClick={() => setAction(restored(kind, each))}>
                    Restore
                  </button>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
      {action && <ActionDialog action={action} close={() => setAction(undefined)} />}
    </>
  );
}

function Listed(props: { all: Definition[]; kind: Kind }) {
  return (
    <table>
      <caption class="hidden">{props.kind.label}</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Code</th>
          <th scope="col">State</th>
          <th scope="col" class="narrow-out">
            Changed
          </th>
        </tr>
      </thead>
      <tbody>
        {props.all.map((each) => (
          <tr key={each.id}>
            <th scope="row">
              <a href={addressOf(["definitions", props.kind.name, each.code])}>{each.name}</a>
            </th>
            <td>
              <code>{each.code}</code>
            </td>
            <td>{each.is_active ? <span class="tag good">active</span> : <span class="tag">not active</span>}</td>
            <td class="narrow-out">
              <Time at={each.updated_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function One(props: { kind: Kind; code: string }) {
  const { kind, code } = props;
  const isNew = code === "new";
  const schema = useRead("openapi", readDocument);
  const found = useRead(`definitions ${kind.name}`, () => readAll(kind));
  useChanges(found.again);
  const live = found.data?.live.find((each) => each.code === code);
  const components = schema.data?.components.schemas;
  const described = components?.[kind.schema];
  const error = schema.error ?? found.error;
  return (
    <>
      <p>
        <a href={addressOf(["definitions", kind.name])}>← {kind.label}</a>
      </p>
      <Heading note={live && <code>{code}</code>}>{isNew ? `New ${kind.one}` : (live?.name ?? code)}</Heading>
      {error !== undefined && <Failure error={error} again={schema.error ? schema.again : found.again} />}
      {(!described || !found.data) && error === undefined && <Loading rows={6} />}
      {described && found.data && !isNew && !live && <Empty title={`There is no ${kind.one} with this code`} />}
      {described && found.data && (isNew || live) && <Editor key={live?.updated_at} kind={kind} live={live} fields={fieldsOf(described, components)} />}
    </>
  );
}

function Editor(props: { kind: Kind; live: Definition | undefined; fields: FormField[] }) {
  const { kind, live } = props;
  const signedIn = useSignal(session);
  const mayChange = signedIn ? may(signedIn.scope, "define") : false;
  const { fields } = props;
  const [first] = useState<Draft>(() => live ?? Object.fromEntries(fields.map((field) => [field.name, field.first])));
  const [draft, setDraft] = useState(first);
  const [action, setAction] = useState<Action<unknown>>();
  const changes = differences(first, draft);
  const hasChanged = changes.length > 0;
  return (
    <div class="columns">
      <section class="card" aria-label="Definition">
        <Form fields={fields} draft={draft} isNew={!live} isFixed={!mayChange} change={setDraft} />
      </section>
      <div class="side">
        <section class="card" aria-labelledby="draft">
          <h2 id="draft">Draft</h2>
          {!hasChanged && <p class="faint">{mayChange ? "Nothing is changed yet." : "Your key may read definitions, not change them."}</p>}
          <Changes all={changes} />
          {mayChange && (
            <div class="actions">
              <button type="button" class="primary" disabled={!hasChanged} onClick={() => setAction(applied(kind, live, draft, changes))}>
                Apply
              </button>
              <button type="button" disabled={!hasChanged} onClick={() => setDraft(first)}>
                Discard
              </button>
              {live && (
                <button type="button" class="quiet" onClick={() => setAction(removed(kind, live))}>
                  Delete
                </button>
              )}
            </div>
          )}
        </section>
        {mayChange && kind.isSimulated && hasChanged && <Simulation kind={kind} draft={draft} />}
        {live && <References kind={kind} definition={live} />}
        <AsYaml kind={kind} draft={draft} />
      </div>
      {action && <ActionDialog action={action} close={() => setAction(undefined)} />}
    </div>
  );
}

function References(props: { kind: Kind; definition: Definition }) {
  const { kind, definition } = props;
  const found = useRead("definitions of all kinds", () => readDefinitions(api));
  if (found.error !== undefined) return <Failure error={found.error} again={found.again} />;
  if (!found.data) return <Loading rows={2} />;
  const using = uses(definition);
  const users = usedBy(found.data, kind.name, definition.code);
  if (using.length + users.length === 0) return null;
  return (
    <section class="card" aria-label="References">
      {users.length > 0 && <ListedReferences title="Used by" all={users} />}
      {using.length > 0 && <ListedReferences title="Uses" all={using} />}
    </section>
  );
}

function ListedReferences(props: { title: string; all: Reference[] }) {
  return (
    <>
      <h2>{props.title}</h2>
      <ul class="rows">
        {props.all.map(({ section, code }) => (
          <li key={`${section} ${code}`}>
            <a href={addressOf(["definitions", section, code])}>{code}</a>
            <small class="faint">{kinds.find((each) => each.name === section)?.one}</small>
          </li>
        ))}
      </ul>
    </>
  );
}

function AsYaml(props: { kind: Kind; draft: Draft }) {
  const written = Object.fromEntries(Object.entries(asWritten(props.draft)).filter(([, value]) => value !== ""));
  return (
    <details class="card">
      <summary>As YAML, for a definitions file</summary>
      <pre tabIndex={0}>{yaml({ [props.kind.name]: [written] })}</pre>
    </details>
  );
}

function applied(kind: Kind, live: Definition | undefined, draft: Draft, changes: Change[]): Action<Definition> {
  return {
    title: live ? `Apply to ${live.name}` : `Create the ${kind.one}`,
    verb: live ? "Apply" : "Create",
    fields: [],
    follows: () => (
      <>
        <Changes all={changes} />
        <p>
          Counts from now on, on all servers. The past stays as it is
          {kind.name === "tiers" || kind.name === "badges" ? "; people who have reached it already are given it" : ""}
          {kind.name === "leaderboards" ? "; a board with another metric is filled from history" : ""}.
        </p>
      </>
    ),
    // With the time of its last change, so that nothing that somebody else has changed meanwhile is overwritten.
    call: (client, _values) => (live ? kind.update(client, live.id, draft) : kind.create(client, asWritten(draft))),
    done: (result) => {
      go("definitions", kind.name, result.code);
      return `${result.name} is live.`;
    },
  };
}

function removed(kind: Kind, live: Definition): Action<Definition> {
  return {
    title: `Delete ${live.name}`,
    verb: "Delete",
    isDangerous: true,
    fields: [],
    follows: () => <p>It stops working and stays readable in histories. It can be restored as it was.</p>,
    call: (client) => kind.remove(client, live.id),
    done: (result) => {
      go("definitions", kind.name);
      return `${result.name} is deleted.`;
    },
  };
}

function restored(kind: Kind, deleted: Definition): Action<Definition> {
  return {
    title: `Restore ${deleted.name}`,
    verb: "Restore",
    fields: [],
    follows: () => <p>Brings it back as it was. What happened meanwhile stays uncounted.</p>,
    call: (client) => kind.restore(client, deleted.id),
    done: (result) => `${result.name} is back.`,
  };
}

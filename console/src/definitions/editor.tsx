/** A draft of a definition: its form, what it changes, its references, and the calls that make it live. */

import { useEffect, useState } from "preact/hooks";

import { api, base, session } from "../api";
import { type Read, useRead } from "../data";
import { type Action, ActionDialog } from "../parts/action";
import { Failure, Loading, NotAllowed } from "../parts/basics";
import { tell } from "../parts/messages";
import { useMay } from "../permission";
import { addressOf, go, place } from "../route";
import { yaml } from "../yaml";
import { type Change, Changes } from "./changes";
import { draftName, drafts, dropDraft, keepDraft, resumed } from "./drafts";
import { Checking } from "./expression_input";
import { Form } from "./form";
import { type Definition, type Draft, type Kind, kinds } from "./kinds";
import { readDefinitions } from "./plan";
import { NotReady, Reporting, useProblems } from "./problems";
import { ReadView } from "./read_view";
import { type Reference, usedBy, uses } from "./references";
import { type FormField, type Schema, asWritten, differences, fieldsOf } from "./schema";
import { Simulation } from "./simulation";

interface Document {
  components: { schemas: Record<string, Schema> };
}

/** The fields of the form of a kind. */
export function useFields(kind: Kind): Read<FormField[]> {
  const found = useRead("openapi", async () => (await (await fetch(`${base}/openapi.json`)).json()) as Document);
  const components = found.data?.components.schemas;
  const described = components?.[kind.schema];
  return { ...found, data: described && fieldsOf(described, components) };
}

interface Edited {
  kind: Kind;
  live: Definition | undefined;
  fields: FormField[];
  /** Called with a definition that was created or changed, instead of showing its page. */
  applied?(result: Definition): void;
}

/** A form, or a text for keys that may not change definitions. */
export function Editor(props: Edited) {
  const { kind, live, fields } = props;
  if (useMay("define")) return <Editing {...props} />;
  if (!live) return <NotAllowed task="define" />;
  return (
    <div class="columns">
      <section class="card" aria-label="Definition">
        <p class="faint">Your key may read definitions, not change them.</p>
        <ReadView fields={fields} value={live} />
      </section>
      <div class="side">
        {kinds.includes(kind) && <References kind={kind} definition={live} />}
        <AsYaml kind={kind} draft={live} />
      </div>
    </div>
  );
}

function Editing(props: Edited) {
  const { kind, live, fields } = props;
  const [first] = useState<Draft>(() => live ?? Object.fromEntries(fields.map((field) => [field.name, field.first])));
  const { name, draft, kept, setDraft } = useDraft(kind, live, first);
  // Some fields keep what is typed until it is complete: they are drawn anew.
  const [discards, setDiscards] = useState(0);
  const discard = () => {
    setDraft(first);
    setDiscards(discards + 1);
  };
  const show = (result: Definition) => {
    dropDraft(name);
    if (props.applied) props.applied(result);
    else go(...kind.place, result.code);
  };
  const [action, setAction] = useState<Action<unknown>>();
  const changes = differences(first, draft);
  const hasChanged = changes.length > 0;
  const [problems, report] = useProblems();
  const isReady = hasChanged && problems.size === 0;
  return (
    <div class="columns">
      <section class="card" aria-label="Definition">
        <Reporting.Provider value={report}>
          <Checking.Provider value={kind.isChecked}>
            <Form key={discards} fields={fields} draft={draft} isNew={!live} change={setDraft} />
          </Checking.Provider>
        </Reporting.Provider>
      </section>
      <div class="side">
        <section class="card" aria-labelledby="draft">
          <h2 id="draft">Draft</h2>
          {!hasChanged && <p class="faint">Nothing is changed yet.</p>}
          {kept && hasChanged && (
            <p class="faint">
              This draft was kept.{kept.first["updated_at"] !== first["updated_at"] && " The definition has changed since; it is compared with its present state."}
            </p>
          )}
          <Changes all={changes} />
          <div class="actions">
            <button type="button" class="primary" disabled={!isReady} onClick={() => setAction(applied(kind, live, draft, changes, show))}>
              Apply
            </button>
            <button type="button" disabled={!hasChanged} onClick={discard}>
              Discard
            </button>
            <span class="gap" />
            {live && (
              <button type="button" class="quiet" onClick={() => setAction(removed(kind, live, name))}>
                Delete
              </button>
            )}
          </div>
          {hasChanged && <NotReady problems={problems} />}
        </section>
        {kind.isSimulated && hasChanged && <Simulation kind={kind} draft={draft} isReady={isReady} />}
        {live && kinds.includes(kind) && <References kind={kind} definition={live} />}
        <AsYaml kind={kind} draft={draft} />
      </div>
      {action && <ActionDialog action={action} close={() => setAction(undefined)} />}
    </div>
  );
}

/** The draft, which is kept when the page is left. `kept` is what was kept before. */
function useDraft(kind: Kind, live: Definition | undefined, first: Draft) {
  const [name] = useState(() => draftName(kind, live?.code ?? ""));
  const [kept] = useState(() => drafts.get().get(name));
  const [draft, setDraft] = useState(() => (kept ? resumed(kept, first) : first));
  const change = (next: Draft) => {
    setDraft(next);
    if (differences(first, next).length > 0) keepDraft(name, { first, draft: next });
    else dropDraft(name);
  };
  useEffect(() => {
    const here = addressOf(place.get().path);
    return () => {
      const isLeft = session.get() && addressOf(place.get().path) !== here;
      if (isLeft && drafts.get().has(name)) tell(`The draft of ${live ? live.name : `a new ${kind.one}`} is kept.`);
    };
  }, []);
  return { name, draft, kept, setDraft: change };
}

function References(props: { kind: Kind; definition: Definition }) {
  const { kind, definition } = props;
  const found = useRead("definitions of all kinds", () => readDefinitions(api));
  if (found.error !== undefined) return <Failure error={found.error} again={found.again} />;
  if (!found.data) return <Loading rows={2} />;
  const using = uses(definition);
  const users = usedBy(found.data, kind.name, definition.code);
  const award = kind.name === "badges" ? awardNote(definition, users) : undefined;
  if (using.length + users.length === 0 && !award) return null;
  return (
    <section class="card" aria-label="References">
      {users.length > 0 ? <ListedReferences title="Used by" all={users} /> : award && <h2>Used by</h2>}
      {award && <p class="faint">{award}</p>}
      {using.length > 0 && <ListedReferences title="Uses" all={using} />}
    </section>
  );
}

/** The way to a badge that is no action of the definitions that use it. */
function awardNote(badge: Definition, users: Reference[]): string | undefined {
  if (badge["criteria"]) return "People earn this badge by its criteria.";
  if (users.some(({ section }) => section === "rules" || section === "challenges")) return undefined;
  return "Nothing awards this badge: no rule, challenge or criteria. It is awarded by hand or by a call of your application.";
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

function applied(kind: Kind, live: Definition | undefined, draft: Draft, changes: Change[], show: (result: Definition) => void): Action<Definition> {
  return {
    title: live ? `Apply to ${live.name}` : `Create the ${kind.one}`,
    verb: live ? "Apply" : "Create",
    fields: [],
    follows: () => (
      <>
        <Changes all={changes} />
        <p>{kind.effect}</p>
      </>
    ),
    // With the time of its last change, so that nothing that somebody else has changed meanwhile is overwritten.
    call: (client, _values) => (live ? kind.update(client, live.id, draft) : kind.create(client, asWritten(draft))),
    done: (result) => {
      show(result);
      return `The ${kind.one} ${result.name} is saved.`;
    },
  };
}

function removed(kind: Kind, live: Definition, draft: string): Action<Definition> {
  return {
    title: `Delete ${live.name}`,
    verb: "Delete",
    isDangerous: true,
    fields: [],
    follows: () => <p>It stops working and stays readable in histories. It can be restored as it was.</p>,
    call: (client) => kind.remove(client, live.id),
    done: (result) => {
      dropDraft(draft);
      go(...kind.place);
      return `The ${kind.one} ${result.name} is deleted.`;
    },
  };
}

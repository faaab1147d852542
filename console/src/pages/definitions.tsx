import { useState } from "preact/hooks";

import { api } from "../api";
import { useChanges, useRead } from "../data";
import { Deleted } from "../definitions/deleted";
import { DraftTag } from "../definitions/drafts";
import { Editor, useFields } from "../definitions/editor";
import { type Definition, type Kind, kinds } from "../definitions/kinds";
import { allOf } from "../pages";
import { type Action, ActionDialog } from "../parts/action";
import { Empty, Failure, Heading, Loading, Time } from "../parts/basics";
import { useMay } from "../permission";
import { addressOf, go } from "../route";
import { plural } from "../text";
import { Starters } from "./starters";

function useDefinitions(kind: Kind) {
  const found = useRead(`definitions ${kind.name}`, () => allOf(kind.list(api, { page_size: 100 })));
  useChanges(found.again);
  return found;
}

export function Definitions(props: { kind: string | undefined; code: string | undefined }) {
  const kind = kinds.find((each) => each.name === props.kind) ?? kinds[0];
  if (!kind) return null;
  const Shown = props.code === undefined ? AllOfKind : One;
  return <Shown key={`${kind.name} ${props.code}`} kind={kind} code={props.code ?? ""} />;
}

function AllOfKind(props: { kind: Kind }) {
  const { kind } = props;
  const mayChange = useMay("define");
  const found = useDefinitions(kind);
  const [action, setAction] = useState<Action<unknown>>();
  return (
    <>
      <Heading note={found.data && plural(found.data.length, kind.one)}>Definitions</Heading>
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
          <DraftTag kind={kind} code="" />
        </div>
      )}
      {found.error !== undefined && <Failure error={found.error} again={found.again} />}
      {!found.data && found.error === undefined && <Loading />}
      {found.data?.length === 0 && (
        <Empty title={`No ${kind.one} is defined`}>
          Make one here, or apply a definitions file with <code>laurels apply</code>.
        </Empty>
      )}
      {found.data && found.data.length > 0 && <Listed all={found.data} kind={kind} />}
      <Deleted kind={kind} act={setAction} />
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
              <a href={addressOf(["definitions", props.kind.name, each.code])}>{each.name}</a> <DraftTag kind={props.kind} code={each.code} />
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
  const fields = useFields(kind);
  const found = useDefinitions(kind);
  const live = found.data?.find((each) => each.code === code);
  const error = fields.error ?? found.error;
  return (
    <>
      <p>
        <a href={addressOf(["definitions", kind.name])}>← {kind.label}</a>
      </p>
      <Heading note={live && <code>{code}</code>}>{isNew ? `New ${kind.one}` : (live?.name ?? code)}</Heading>
      {error !== undefined && <Failure error={error} again={fields.error ? fields.again : found.again} />}
      {(!fields.data || !found.data) && error === undefined && <Loading rows={6} />}
      {fields.data && found.data && !isNew && !live && <Empty title={`There is no ${kind.one} with this code`} />}
      {fields.data && found.data && (isNew || live) && <Editor key={live?.updated_at} kind={kind} live={live} fields={fields.data} />}
    </>
  );
}

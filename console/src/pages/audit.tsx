import type { AuditEntry } from "laurels";

import { api } from "../api";
import { pageOf } from "../pages";
import { Changes } from "../definitions/changes";
import { Empty, Failure, Heading, Loading, Time } from "../parts/basics";
import { More, useList } from "../parts/list";
import { plural, words } from "../text";

export function AuditLog() {
  const list = useList("audit", (after) => pageOf(api.listAuditLog({ page_size: 50 }), after));
  return (
    <>
      <Heading note={list.items && plural(list.total, "change")}>Audit log</Heading>
      {list.error !== undefined && <Failure error={list.error} again={list.again} />}
      {!list.items && list.error === undefined && <Loading />}
      {list.items?.length === 0 && <Empty title="No change yet">Changes of definitions, keys, claims and badges appear here.</Empty>}
      {list.items && list.items.length > 0 && (
        <table>
          <caption class="hidden">Changes</caption>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Key</th>
              <th scope="col">Change</th>
              <th scope="col" class="narrow-out">
                Fields
              </th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((each) => (
              <tr key={each.id}>
                <td>
                  <Time at={each.at} />
                </td>
                <td>{each.actor}</td>
                <th scope="row">
                  {words(each.action)} <span class="faint">{words(each.kind).toLowerCase()}</span> {each.code && <code>{each.code}</code>}
                </th>
                <td class="narrow-out">
                  <Fields entry={each} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <More list={list} noun="changes" />
    </>
  );
}

function Fields(props: { entry: AuditEntry }) {
  const { before, after } = props.entry;
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  if (names.length === 0) return null;
  const all = names.map((name) => ({ name, before: before ? (before[name] ?? null) : undefined, after: after?.[name] ?? null }));
  return (
    <details>
      <summary>{plural(names.length, "field")}</summary>
      <Changes all={all} />
    </details>
  );
}

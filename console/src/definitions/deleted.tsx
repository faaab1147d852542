/** The deleted definitions of a kind, which can be restored. */

import { api } from "../api";
import { pageOf } from "../pages";
import type { Action } from "../parts/action";
import { Failure, Time } from "../parts/basics";
import { More, useList } from "../parts/list";
import { useMay } from "../permission";
import { plural } from "../text";
import type { Definition, Kind } from "./kinds";

export function Deleted(props: { kind: Kind; act(action: Action<unknown>): void }) {
  const { kind } = props;
  const mayChange = useMay("define");
  const list = useList(`deleted ${kind.name}`, (after) =>
    pageOf(kind.list(api, { page_size: 50, is_deleted: true }), after),
  );
  if (list.error !== undefined) return <Failure error={list.error} again={list.again} />;
  if (!list.items || list.items.length === 0) return null;
  return (
    <details class="deleted">
      <summary>{plural(list.total, `deleted ${kind.one}`)}</summary>
      <ul class="rows">
        {list.items.map((each) => (
          <li key={each.id}>
            <span>
              {each.name} <code class="faint">{each.code}</code>
            </span>
            {each.deleted_at && <Time at={each.deleted_at} isReal={kind.hasRealTimes} />}
            {mayChange && (
              <button
                type="button"
                class="quiet small"
                aria-label={`Restore ${each.name}`}
                onClick={() => props.act(restored(kind, each))}
              >
                Restore
              </button>
            )}
          </li>
        ))}
      </ul>
      <More list={list} noun={`deleted ${kind.label.toLowerCase()}`} />
    </details>
  );
}

function restored(kind: Kind, deleted: Definition): Action<Definition> {
  return {
    title: `Restore ${deleted.name}`,
    verb: "Restore",
    fields: [],
    follows: () => <p>Brings it back as it was. What happened meanwhile stays uncounted.</p>,
    call: (client) => kind.restore(client, deleted.id),
    done: (result) => `The ${kind.one} ${result.name} is restored.`,
  };
}

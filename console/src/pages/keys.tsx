import type { ApiKey } from "laurels";

import { useState } from "preact/hooks";

import { type Scope, api, session } from "../api";
import { useChanges, useRead } from "../data";
import { type Action, ActionDialog } from "../parts/action";
import { Copyable, Failure, Heading, Loading, Time } from "../parts/basics";
import { useSignal } from "../signals";
import { plural } from "../text";

const scopes: [Scope, string][] = [
  ["gamify", "gamify: an application"],
  ["gamify:read", "gamify:read: reads everything"],
  ["gamify:support", "gamify:support: also points, badges and claims"],
  ["gamify:admin", "gamify:admin: also definitions"],
  ["admin", "admin: also keys and the audit log"],
];

export function Keys() {
  const found = useRead("keys", () => api.listKeys());
  useChanges(found.again);
  const own = useSignal(session)?.key_id;
  const [action, setAction] = useState<Action<unknown>>();
  const [secret, setSecret] = useState("");
  const create = {
    title: "Create a key",
    verb: "Create key",
    fields: [
      { name: "name", label: "Name", kind: "text", help: "Histories and the audit log show it: the name of a person or of an application." },
      { name: "scope", label: "Scope", kind: "choice", choices: scopes.map(([value, label]) => ({ value, label })) },
    ],
    follows: () => <p>The key is shown once, after this.</p>,
    call: (client, values) => client.createKey({ name: values["name"] ?? "", scope: values["scope"] as Scope }),
    done: (made) => {
      setSecret(made.key);
      return `Created the key ${made.name}.`;
    },
  } satisfies Action<Awaited<ReturnType<typeof api.createKey>>>;
  return (
    <>
      <Heading note={found.data && plural(found.data.total, "key")}>Keys</Heading>
      <div class="actions">
        <button type="button" class="primary" onClick={() => setAction(create)}>
          Create a key
        </button>
      </div>
      {secret && (
        <div class="note">
          <p>The new key. It cannot be shown again.</p>
          <Copyable text={secret} label="the key" />{" "}
          <button type="button" class="small" onClick={() => setSecret("")}>
            Hide
          </button>
        </div>
      )}
      {found.error !== undefined && <Failure error={found.error} again={found.again} />}
      {!found.data && found.error === undefined && <Loading />}
      {found.data && (
        <table>
          <caption class="hidden">Keys</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Scope</th>
              <th scope="col" class="narrow-out">
                Begins with
              </th>
              <th scope="col">Last used</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {found.data.items.map((each) => (
              <Row key={each.id} apiKey={each} isOwn={each.id === own} revoke={() => setAction(revoke(each))} />
            ))}
          </tbody>
        </table>
      )}
      {action && <ActionDialog action={action} close={() => setAction(undefined)} />}
    </>
  );
}

function revoke(key: ApiKey): Action<ApiKey> {
  return {
    title: `Revoke the key ${key.name || key.hint}`,
    verb: "Revoke key",
    isDangerous: true,
    fields: [],
    follows: () => <p>All servers refuse it within 5 seconds, and its sessions end. This cannot be undone.</p>,
    call: (client) => client.revokeKey(key.id),
    done: (revoked) => `The key ${revoked.name || revoked.hint} is revoked.`,
  };
}

function Row(props: { apiKey: ApiKey; isOwn: boolean; revoke(): void }) {
  const { apiKey: key } = props;
  const end = key.revoked_at ?? key.expires_at;
  return (
    <tr class={key.revoked_at ? "past" : ""}>
      <th scope="row">
        {key.name || <span class="faint">no name</span>} {props.isOwn && <span class="tag good">yours</span>}
      </th>
      <td>
        <code>{key.scope}</code>
      </td>
      <td class="narrow-out">
        <code>{key.hint}…</code>
      </td>
      <td>{key.last_used_at ? <Time at={key.last_used_at} /> : <span class="faint">never</span>}</td>
      <td>
        {end && (
          <>
            {key.revoked_at ? "revoked " : "ends "}
            <Time at={end} />
          </>
        )}
        {!end && !props.isOwn && (
          <button type="button" class="quiet small" onClick={props.revoke}>
            Revoke
          </button>
        )}
      </td>
    </tr>
  );
}

/** Webhooks: their list with state and backlog, a form, and the page of each. */

import type { WebhookDefinitionAnswer } from "laurels";

import { useState } from "preact/hooks";

import { api } from "../api";
import { useChanges, useRead } from "../data";
import { Deleted } from "../definitions/deleted";
import { DraftTag } from "../definitions/drafts";
import { Editor, useFields } from "../definitions/editor";
import { type Definition, webhooks } from "../definitions/kinds";
import { allOf, pageOf } from "../pages";
import { type Action, ActionDialog } from "../parts/action";
import { Empty, Failure, Heading, Loading, Time } from "../parts/basics";
import { More, useList } from "../parts/list";
import { useMay } from "../permission";
import { addressOf, go } from "../route";
import { number, plural } from "../text";
import { OneWebhook } from "../webhooks/one";
import { Standing, waitingOf } from "../webhooks/standing";
import { show } from "../webhooks/secret";

export function Webhooks(props: { code: string | undefined; part: string | undefined }) {
  const { code, part } = props;
  if (code === undefined) return <AllWebhooks />;
  if (code === "new" || part === "definition") return <Written key={code} code={code} />;
  return <OneWebhook key={code} code={code} />;
}

async function readWebhooks(after: string | undefined) {
  const page = await pageOf(api.listWebhooks({ page_size: 50 }), after);
  const items = await Promise.all(page.items.map(async (webhook) => ({ webhook, waiting: await waitingOf(webhook) })));
  return { items, total: page.total, next_cursor: page.next_cursor };
}

function AllWebhooks() {
  const mayChange = useMay("define");
  const list = useList("webhooks", readWebhooks);
  const [action, setAction] = useState<Action<unknown>>();
  return (
    <>
      <Heading note={list.items && plural(list.total, "webhook")}>Webhooks</Heading>
      {mayChange && (
        <div class="actions">
          <button type="button" class="primary" onClick={() => go("webhooks", "new")}>
            New webhook
          </button>
          <DraftTag kind={webhooks} code="" />
        </div>
      )}
      {list.error !== undefined && <Failure error={list.error} again={list.again} />}
      {!list.items && list.error === undefined && <Loading />}
      {list.items?.length === 0 && (
        <Empty title="No webhook is defined">A webhook is an address to which the events of the project are sent as they happen.</Empty>
      )}
      {list.items && list.items.length > 0 && <Listed all={list.items} />}
      <More list={list} noun="webhooks" />
      <Deleted kind={webhooks} act={setAction} />
      {action && <ActionDialog action={action} close={() => setAction(undefined)} />}
    </>
  );
}

function Listed(props: { all: { webhook: WebhookDefinitionAnswer; waiting: number }[] }) {
  return (
    <table>
      <caption class="hidden">Webhooks</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col" class="narrow-out">
            Address
          </th>
          <th scope="col">State</th>
          <th scope="col" class="figure">
            Waiting
          </th>
          <th scope="col" class="narrow-out">
            Changed
          </th>
        </tr>
      </thead>
      <tbody>
        {props.all.map(({ webhook, waiting }) => (
          <tr key={webhook.id}>
            <th scope="row">
              <a href={addressOf(["webhooks", webhook.code])}>{webhook.name}</a> <DraftTag kind={webhooks} code={webhook.code} />
            </th>
            <td class="narrow-out">
              <code>{webhook.url}</code>
            </td>
            <td>
              <Standing webhook={webhook} />
            </td>
            <td class="figure">{waiting > 0 ? number(waiting) : <span class="faint">none</span>}</td>
            <td class="narrow-out">
              <Time at={webhook.updated_at} isReal />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Written(props: { code: string }) {
  const { code } = props;
  const isNew = code === "new";
  const fields = useFields(webhooks);
  // From the list, which can also be read once the webhook is deleted.
  const found = useRead("definitions webhooks", () => allOf(webhooks.list(api, { page_size: 100 })));
  useChanges(found.again);
  const live = found.data?.find((each) => each.code === code);
  const error = fields.error ?? found.error;
  const applied = (result: Definition) => {
    if (typeof result["secret"] === "string") show(result.code, result["secret"]);
    go("webhooks", result.code);
  };
  return (
    <>
      <p>
        <a href={addressOf(isNew ? ["webhooks"] : ["webhooks", code])}>← {isNew ? "Webhooks" : (live?.name ?? code)}</a>
      </p>
      <Heading note={live && <code>{code}</code>}>{isNew ? "New webhook" : (live?.name ?? code)}</Heading>
      {error !== undefined && <Failure error={error} again={fields.error ? fields.again : found.again} />}
      {(!fields.data || !found.data) && error === undefined && <Loading rows={6} />}
      {fields.data && found.data && !isNew && !live && <Empty title="There is no webhook with this code" />}
      {fields.data && found.data && (isNew || live) && (
        <Editor key={live?.updated_at} kind={webhooks} live={live} fields={fields.data} applied={applied} />
      )}
    </>
  );
}

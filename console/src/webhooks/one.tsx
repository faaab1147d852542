/** A webhook: its state, its secret, and its deliveries. */

import type { WebhookDefinitionAnswer } from "laurels";

import { useState } from "preact/hooks";

import { api } from "../api";
import { useChanges, useRead } from "../data";
import { type Action, ActionDialog } from "../parts/action";
import { Failure, Heading, Loading, Time } from "../parts/basics";
import { useMay } from "../permission";
import { addressOf } from "../route";
import { number } from "../text";
import { replaceSecret, resendSince, sendTest } from "./actions";
import { Deliveries } from "./deliveries";
import { Secret } from "./secret";
import { Standing, waitingOf } from "./standing";

export function OneWebhook(props: { code: string }) {
  const { code } = props;
  const mayChange = useMay("define");
  const found = useRead(`page of webhook ${code}`, async () => {
    const webhook = await api.getWebhook(code);
    return { webhook, waiting: await waitingOf(webhook) };
  });
  useChanges(found.again);
  const [action, setAction] = useState<Action<unknown>>();
  const webhook = found.data?.webhook;
  return (
    <>
      <p>
        <a href={addressOf(["webhooks"])}>← Webhooks</a>
      </p>
      <Heading note={webhook && <code>{webhook.url}</code>}>{webhook?.name ?? code}</Heading>
      <Secret code={code} />
      {found.error !== undefined && <Failure error={found.error} again={found.again} />}
      {!webhook && found.error === undefined && <Loading />}
      {webhook && (
        <>
          <Facts webhook={webhook} waiting={found.data?.waiting ?? 0} />
          <div class="actions">
            {mayChange && (
              <>
                <button type="button" disabled={!webhook.is_active} onClick={() => setAction(sendTest(webhook))}>
                  Send a test event
                </button>
                <button type="button" disabled={!webhook.is_active} onClick={() => setAction(resendSince(webhook))}>
                  Send again since …
                </button>
                <button type="button" onClick={() => setAction(replaceSecret(webhook))}>
                  New secret
                </button>
              </>
            )}
            <a class="button" href={addressOf(["webhooks", code, "definition"])}>
              {mayChange ? "Edit" : "Definition"}
            </a>
          </div>
          <Deliveries webhook={webhook} mayChange={mayChange} act={setAction} />
        </>
      )}
      {action && <ActionDialog action={action} close={() => setAction(undefined)} />}
    </>
  );
}

function Facts(props: { webhook: WebhookDefinitionAnswer; waiting: number }) {
  const { webhook, waiting } = props;
  const headers = Object.keys(webhook.headers);
  return (
    <dl class="card settings section">
      <div>
        <dt>State</dt>
        <dd>
          <Standing webhook={webhook} />
        </dd>
      </div>
      <div>
        <dt>Waiting deliveries</dt>
        <dd>{waiting > 0 ? number(waiting) : "none"}</dd>
      </div>
      <div>
        <dt>Events</dt>
        <dd>{webhook.types.includes("*") ? "all" : webhook.types.join(", ")}</dd>
      </div>
      {headers.length > 0 && (
        <div>
          <dt>Headers</dt>
          <dd>{headers.join(", ")}</dd>
        </div>
      )}
      <div>
        <dt>Changed</dt>
        <dd>
          <Time at={webhook.updated_at} isReal />
        </dd>
      </div>
    </dl>
  );
}

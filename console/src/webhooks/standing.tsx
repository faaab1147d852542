/** How a webhook stands: whether it sends, and what waits. */

import type { WebhookDefinitionAnswer } from "laurels";

import { api } from "../api";
import { Time } from "../parts/basics";

const reasons: Record<string, string> = {
  gone: "the receiver responded with 410",
  no_success_in_five_days: "no attempt of five days succeeded",
};

export function Standing(props: { webhook: WebhookDefinitionAnswer }) {
  const { is_active: isActive, disabled_reason: reason, failing_since: since } = props.webhook;
  if (!isActive) {
    return reason ? (
      <>
        <span class="tag bad">switched off</span> <small class="faint">{reasons[reason] ?? reason}</small>
      </>
    ) : (
      <span class="tag">not active</span>
    );
  }
  if (!since) return <span class="tag good">active</span>;
  return (
    <>
      <span class="tag warn">failing</span> <small class="faint">since</small> <Time at={since} isReal />
    </>
  );
}

/** The number of deliveries that wait. */
export async function waitingOf(webhook: WebhookDefinitionAnswer): Promise<number> {
  return (await api.listWebhookDeliveries(webhook.id, { page_size: 1, state: "waiting" }).page()).total;
}

/** What can be done with a webhook and its deliveries. */

import type { Delivery, ResendAnswer, RotatedSecret, WebhookDefinitionAnswer } from "laurels";

import type { Action } from "../parts/action";
import { localZone, localInput, number, withZone } from "../text";
import { show } from "./secret";

const hour = 3_600_000;

export function sendTest(webhook: WebhookDefinitionAnswer): Action<Delivery> {
  return {
    title: `Send a test event to ${webhook.name}`,
    verb: "Send",
    fields: [],
    follows: () => (
      <p>
        Sends an event of the type <code>webhook.tested</code> to <code>{webhook.url}</code>. The list of deliveries shows the response.
      </p>
    ),
    call: (client) => client.testWebhook(webhook.id),
    done: (made) => `The test event is delivery ${number(made.delivery_number)}.`,
  };
}

export function replaceSecret(webhook: WebhookDefinitionAnswer): Action<RotatedSecret> {
  return {
    title: `A new secret of ${webhook.name}`,
    verb: "Replace the secret",
    isDangerous: true,
    fields: [
      {
        name: "valid_hours",
        label: "Hours for which the old secret is valid too",
        kind: "number",
        first: "24",
        least: 0,
        most: 2_160,
        help: "Requests have a signature of both secrets for this time. 0 ends all old ones at once.",
      },
    ],
    follows: () => <p>The new secret is shown once, after this. Set it in the receiver before the old one ends.</p>,
    call: (client, values) => client.rotateWebhookSecret(webhook.id, { valid_hours: Number(values["valid_hours"]) }),
    done: (made) => {
      show(webhook.code, made.secret);
      return `The old secret is valid until ${withZone(made.old_secret_until, localZone)}.`;
    },
  };
}

export function resendSince(webhook: WebhookDefinitionAnswer): Action<ResendAnswer> {
  return {
    title: `Send events to ${webhook.name} again`,
    verb: "Send again",
    fields: [
      {
        name: "since",
        label: "Since",
        kind: "moment",
        first: localInput(new Date(Date.now() - hour)),
        help: "In your time zone, by the real clock also in test projects.",
      },
    ],
    follows: () => (
      <p>
        Sends all events of its types since then, as far as the feed has them, also those that were received. They have the same ids, so
        that a receiver can tell.
      </p>
    ),
    call: (client, values) => client.resendWebhookEvents(webhook.id, { since: new Date(values["since"] ?? "").toISOString() }),
    done: (made) => `Events since ${withZone(made.since, localZone)} are sent again.`,
  };
}

export function resendOne(webhook: WebhookDefinitionAnswer, delivery: Delivery): Action<Delivery> {
  return {
    title: `Send delivery ${number(delivery.delivery_number)} again`,
    verb: "Send again",
    fields: [],
    follows: () => (
      <p>
        A further delivery of the same event <code>{delivery.type}</code>, with the same id, at once and outside the order of the person's
        events.
      </p>
    ),
    call: (client) => client.resendWebhookDelivery(webhook.id, String(delivery.delivery_number)),
    done: (made) => `Sent again as delivery ${number(made.delivery_number)}.`,
  };
}

/** The deliveries of a webhook with their attempts, the latest first. */

import type { Attempt, Delivery, WebhookDefinitionAnswer } from "laurels";

import { useEffect } from "preact/hooks";

import { api } from "../api";
import { pageOf } from "../pages";
import type { Action } from "../parts/action";
import { Empty, Failure, Loading, Time } from "../parts/basics";
import { More, useList } from "../parts/list";
import { place, refine } from "../route";
import { useSignal } from "../signals";
import { number, plural, words } from "../text";
import { resendOne } from "./actions";

interface Props {
  webhook: WebhookDefinitionAnswer;
  mayChange: boolean;
  act(action: Action<unknown>): void;
}

const states = ["waiting", "delivered", "failed"] as const;
const pageSize = 50;
const lookAgainMs = 1_500;
const freshMs = 30_000;
const tags = { waiting: "warn", delivered: "good", failed: "bad" } as const;

export function Deliveries(props: Props) {
  const { webhook } = props;
  const { query } = useSignal(place);
  const state = states.find((each) => each === query.get("state"));
  const type = query.get("type") ?? "";
  const list = useList(`deliveries ${webhook.id} ${state} ${type}`, (after) => {
    const asked = { page_size: pageSize, state: state ?? null, type: type || null };
    return pageOf(api.listWebhookDeliveries(webhook.id, asked), after);
  });
  const { items, again } = list;
  useEffect(() => {
    // What has just begun has its response soon. Pages that were loaded further stay.
    const isFresh = items?.some((each) => each.state === "waiting" && Date.now() - Date.parse(each.created_at) < freshMs);
    if (!isFresh || items === undefined || items.length > pageSize) return undefined;
    const timer = setTimeout(again, lookAgainMs);
    return () => clearTimeout(timer);
  }, [items, again]);
  return (
    <section aria-labelledby="deliveries">
      <h2 id="deliveries" class="section">
        Deliveries {items && <span class="faint">{number(list.total)}</span>}
      </h2>
      <div class="filters">
        <div class="tabs" role="group" aria-label="State">
          {[undefined, ...states].map((each) => (
            <button key={each} type="button" aria-pressed={each === state} onClick={() => refine({ state: each ?? "", type })}>
              {each === undefined ? "All" : words(each)}
            </button>
          ))}
        </div>
        <label>
          <span>Type</span>
          <input value={type} placeholder="points.awarded" onChange={(event) => refine({ state: state ?? "", type: event.currentTarget.value.trim() })} />
        </label>
        <button type="button" aria-disabled={list.isReading} onClick={() => !list.isReading && again()}>
          Refresh
        </button>
      </div>
      {list.error !== undefined && <Failure error={list.error} again={again} />}
      {!items && list.error === undefined && <Loading />}
      {items?.length === 0 && (
        <Empty title={state === undefined && type === "" ? "No delivery yet" : "No such delivery"}>
          {state === "failed"
            ? "A delivery has failed when it is not tried again. Those that are tried again are under Waiting, for up to five days."
            : "Each event of the webhook's types is a delivery."}
        </Empty>
      )}
      <ol class="feed" aria-label="Deliveries">
        {items?.map((each) => (
          <Row key={each.delivery_number} delivery={each} {...props} />
        ))}
      </ol>
      <More list={list} noun="deliveries" />
    </section>
  );
}

function Row(props: Props & { delivery: Delivery }) {
  const { delivery, webhook } = props;
  const { attempts } = delivery;
  const last = attempts.at(-1);
  return (
    <li class="card">
      <div class="feed-head">
        <span class="faint">{number(delivery.delivery_number)}</span>
        <strong>{delivery.type}</strong>
        <span class={`tag ${tags[delivery.state]}`}>{delivery.state}</span>
        {last && <Result attempt={last} />}
        <Time at={delivery.created_at} isReal />
        {props.mayChange && (
          <button
            type="button"
            class="quiet small"
            disabled={!webhook.is_active}
            aria-label={`Send again: delivery ${number(delivery.delivery_number)}`}
            onClick={() => props.act(resendOne(webhook, delivery))}
          >
            Send again
          </button>
        )}
      </div>
      {delivery.next_attempt_at && (
        <p class="faint">
          Next attempt <Time at={delivery.next_attempt_at} isReal />
        </p>
      )}
      <details>
        <summary>{plural(attempts.length, "attempt")}</summary>
        <p class="faint">
          Event <code>{delivery.event_id}</code>
        </p>
        {attempts.map((each) => (
          <div key={each.at} class="attempt">
            <p>
              <Result attempt={each} /> <Time at={each.at} isReal />
            </p>
            {each.response && <pre tabIndex={0}>{each.response}</pre>}
          </div>
        ))}
      </details>
    </li>
  );
}

function Result(props: { attempt: Attempt }) {
  const { status, failure, duration_ms: duration } = props.attempt;
  const isSuccess = typeof status === "number" && status >= 200 && status < 300;
  return (
    <span>
      <span class={`status ${isSuccess ? "s2" : "s4"}`}>{status ?? words(failure ?? "no response")}</span>{" "}
      <small class="faint">in {number(duration)} ms</small>
    </span>
  );
}

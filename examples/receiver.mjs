// A receiver of webhooks: it verifies requests, handles each event once, and puts the events of a participant in order. It is
// the same program as receiver.py, but without a client: it needs only Node.
//
//   LAURELS_SECRET=whsec_… PORT=3001 node examples/receiver.mjs
//
// It keeps the last balance and the tier of each participant. They are in memory, so that the example is short; a real receiver
// has a table with the event's id as its primary key, and writes to it in the transaction of the effects.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const key = Buffer.from(process.env.LAURELS_SECRET.replace(/^whsec_/, ""), "base64");
const toleranceSeconds = 300;

const handled = new Set();
const people = new Map();

// Whether the request came from Laurels, and recently. While a secret is rotated there are two signatures.
function isVerified(headers, body) {
  const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signatures } = headers;
  if (!id || !/^[0-9]+$/.test(timestamp ?? "") || !signatures) return false;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > toleranceSeconds) return false;
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
  return signatures.split(" ").some((signature) => {
    const [version, text = ""] = signature.split(",");
    const given = Buffer.from(text, "base64");
    return version === "v1" && given.length === expected.length && timingSafeEqual(given, expected);
  });
}

// Handles an event. A delivery may be repeated, so an id that is known is left out.
function handle({ id, type, participant_id, sequence, data }) {
  if (handled.has(id)) return;
  handled.add(id);
  // A later participant with this id is another one, whose events are numbered from the beginning.
  if (type === "participant.deleted" || type === "participant.anonymised") people.delete(participant_id);
  if (participant_id == null || sequence == null) return;
  const person = people.get(participant_id) ?? { sequence: 0, balance: null, tier: null, events: [] };
  people.set(participant_id, person);
  person.events.push([sequence, type]);
  person.events.sort(([one], [other]) => one - other);
  // An event that was sent again later must not replace newer values.
  if (sequence < person.sequence) return;
  person.sequence = sequence;
  person.balance = data.balance_after ?? person.balance;
  if (type === "tier.changed") person.tier = data.code ?? null;
}

const receiver = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const respond = (status, content) => {
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(content));
  };
  if (request.method === "GET") return respond(200, Object.fromEntries(people));
  if (!isVerified(request.headers, body)) return respond(400, { error: "Not verified" });
  handle(JSON.parse(body));
  respond(200, {});
});

receiver.listen(Number(process.env.PORT ?? 3001), "127.0.0.1", () => {
  console.log(`The receiver listens on http://127.0.0.1:${receiver.address().port}`);
});

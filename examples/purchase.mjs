// A shop's back end that rewards purchases with points. It is the same program as purchase.py, but without a client: it
// needs only Node and plain HTTP.
//
//   LAURELS_URL=http://127.0.0.1:8080 LAURELS_KEY=lk_live_… PORT=3000 node examples/purchase.mjs

import { createServer } from "node:http";

const api = `${process.env.LAURELS_URL}/api/v1/gamify`;
const headers = { "X-API-Key": process.env.LAURELS_KEY, "Content-Type": "application/json" };

class Refused extends Error {}
class Malformed extends Error {}

// Returns the purchase, if it is complete. A missing id must not become part of the idempotency key: all orders without an
// id would then count as one order.
function checked({ user_id, order_id, total }) {
  if (typeof user_id !== "string" || !user_id) throw new Malformed("user_id must be a string");
  if (typeof order_id !== "string" || !order_id) throw new Malformed("order_id must be a string");
  if (typeof total !== "number") throw new Malformed("total must be a number");
  return { user_id, order_id, total };
}

// Awards the points and records the day. Calling it again for the same order is safe: the order's id is the idempotency
// key.
async function reward({ user_id, order_id, total }) {
  const response = await fetch(`${api}/points/award`, {
    method: "POST",
    headers,
    signal: AbortSignal.timeout(15_000),
    body: JSON.stringify({
      participant_id: user_id,
      amount: Math.floor(total),
      reason: `Order ${order_id}`,
      metadata: { order_id, total },
      idempotency_key: `order-${order_id}`,
    }),
  });
  const award = await response.json();
  if (!response.ok) throw new Refused(award.detail);
  await fetch(`${api}/streaks/record`, {
    method: "POST",
    headers,
    signal: AbortSignal.timeout(15_000),
    body: JSON.stringify({ participant_id: user_id, streak_code: "daily_purchase" }),
  });
  if (award.tier_upgrade) console.log(`${user_id} is now ${award.tier_upgrade.name}`);
  return { points_earned: award.amount, new_balance: award.new_balance, tier_upgrade: award.tier_upgrade };
}

async function bodyOf(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  let body;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new Malformed(`The body is not JSON: ${error.message}`);
  }
  return checked(Object(body));
}

function respond(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(body));
}

const shop = createServer(async (request, response) => {
  if (request.method !== "POST" || request.url !== "/purchases") {
    return respond(response, 404, { error: "Not found. The only endpoint is POST /purchases" });
  }
  try {
    respond(response, 200, await reward(await bodyOf(request)));
  } catch (error) {
    if (error instanceof Malformed) return respond(response, 400, { error: error.message });
    const message = error instanceof Refused ? error.message : `Laurels cannot be reached: ${error.message}`;
    respond(response, 502, { error: message });
  }
});

shop.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  console.log(`The shop listens on http://127.0.0.1:${shop.address().port}`);
});

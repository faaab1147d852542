/** Lists that are longer than a page of the API: each is read to its end. */

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { call, callWith, closed, complete, keys, show, signedIn } from "./support.mjs";

const count = 101;
// Lists are by code, or the newest first: one of these two is at the end.
const codes = Array.from({ length: count }, (_, at) => `z_${String(at + 1).padStart(3, "0")}`);
const ends = [codes[0], codes.at(-1)];
const bodies = {
  badges: {},
  leaderboards: {},
  rewards: { type: "physical", points_cost: 1 },
  challenges: { objectives: [{ code: "one", name: "One", event_name: "never", target: 2 }] },
  webhooks: { url: "http://127.0.0.1:9/", types: ["badge.revoked"], is_active: false },
};

async function callThere(path, body, method = "POST") {
  const response = await callWith(keys.long, path, body, method);
  assert.ok(response.ok, `${path} ${response.status}`);
  return response.json();
}

before(async () => {
  const made = await call("/admin/projects", { code: "long", name: "Long" });
  keys.long = made.admin_key.key;
  for (const [kind, body] of Object.entries(bodies)) {
    for (const code of codes) await callThere(`/admin/${kind}`, { code, name: `Name of ${code}`, display_order: 1, ...body });
  }
  await callThere("/points/award", { participant_id: "one", amount: 5 });
});

/** `part` is the page, or a part of it. */
async function shownToTheEnd(part, noun) {
  const more = part.getByRole("button", { name: `Show more ${noun}` });
  await part.getByText(/^Name of z_/).locator("visible=true").first().waitFor();
  while ((await more.count()) > 0) {
    await more.click();
    await part.getByText("Loading …").waitFor({ state: "detached" });
  }
  for (const code of ends) await part.getByText(new RegExp(`^Name of ${code}( ${code})?$`)).waitFor();
}

test("every definition has a row and a page", async () => {
  const page = await signedIn("long", "definitions/badges");
  await page.getByText(`${count} badges`).waitFor();
  for (const code of ends) {
    await show(page, "definitions/badges");
    await page.getByRole("link", { name: `Name of ${code}` }).click();
    await page.getByRole("heading", { level: 1, name: `Name of ${code}` }).waitFor();
    await page.getByRole("button", { name: "Apply" }).waitFor();
  }
  await show(page, "people");
  for (const code of ends) await page.getByLabel("Badge").selectOption(code);
  await page.getByText("Nobody matches").waitFor();
  await closed(page);
});

test("every deleted definition can be restored", async () => {
  for (const code of codes) {
    const { id } = await callThere("/admin/streaks", { code, name: `Name of ${code}`, period: "daily" });
    await callThere(`/admin/streaks/${id}`, undefined, "DELETE");
  }
  const page = await signedIn("long", "definitions/streaks");
  await page.getByText(`${count} deleted streaks`).click();
  await shownToTheEnd(page, "deleted streaks");
  assert.equal(await page.getByRole("button", { name: /^Restore Name of z_/ }).count(), count);
  await closed(page);
});

test("every webhook has a row and a page", async () => {
  const page = await signedIn("long", "webhooks");
  await shownToTheEnd(page, "webhooks");
  await page.getByText(`${count} webhooks`).waitFor();
  for (const code of ends) {
    await show(page, `webhooks/${code}/definition`);
    await page.getByRole("heading", { level: 1, name: `Name of ${code}` }).waitFor();
    await page.getByRole("button", { name: "Apply" }).waitFor();
  }
  await closed(page);
});

test("every board can be chosen, and every rank of a person is shown", async () => {
  const page = await signedIn("long", "boards");
  await complete(page);
  for (const code of ends) {
    await show(page, `boards/${code}`);
    await page.getByRole("row", { name: /one 5/ }).waitFor();
    assert.equal(await page.getByRole("combobox", { name: "Board" }).inputValue(), code);
  }
  await show(page, "people/one");
  await complete(page);
  await shownToTheEnd(page.getByRole("region", { name: "Ranks" }), "boards");
  await closed(page);
});

test("every reward and every challenge is shown", async () => {
  const page = await signedIn("long", "rewards");
  await shownToTheEnd(page, "rewards");
  await show(page, "challenges");
  await shownToTheEnd(page, "challenges");
  assert.equal(await page.getByText("Nobody has joined yet.").count(), count);
  await closed(page);
});

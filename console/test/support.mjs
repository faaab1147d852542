/** Parts of the tests in Chromium, against a server: LAURELS_URL, and keys by scope in LAURELS_KEYS. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, afterEach, before } from "node:test";

import { chromium } from "playwright-core";

export const url = process.env.LAURELS_URL;
export const keys = JSON.parse(process.env.LAURELS_KEYS);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const hostile = `<img src=x onerror="window.hit=1"><script>window.hit=1</script>`;
export const strange = `a/../b?c#d%2F&'"<`;
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];

let browser;

export async function call(path, body, method = "POST") {
  const headers = { "X-API-Key": keys.operator, "Content-Type": "application/json" };
  const response = await fetch(`${url}/api/v1/gamify${path}`, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(response.ok, `${path} ${response.status} ${await response.clone().text()}`);
  return response.json();
}

/** Calls with another key than the operator's. */
export async function callWith(key, path, body, method = "POST") {
  const headers = { "X-API-Key": key, "Content-Type": "application/json" };
  return fetch(`${url}/api/v1/gamify${path}`, { method, headers, body: body && JSON.stringify(body) });
}

/** A server that receives webhooks: its address, and the bodies that came. */
export async function receiver(status = 200) {
  const bodies = [];
  const server = createServer((incoming, outgoing) => {
    let body = "";
    incoming.on("data", (part) => (body += part));
    incoming.on("end", () => {
      bodies.push(JSON.parse(body));
      outgoing.writeHead(status).end(hostile);
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A test that fails leaves it open.
  server.unref();
  return { bodies, address: `http://127.0.0.1:${server.address().port}/events`, close: () => server.close() };
}

before(async () => {
  await call("/admin/badges", { code: "helper", name: "Helper" });
  await call("/admin/rewards", { code: "mug", name: "Mug", type: "physical", points_cost: 100 });
  await call("/admin/rewards", { code: "coupon", name: "Coupon", type: "coupon", points_cost: 0 });
  await call("/admin/challenges", {
    code: "two_lessons",
    name: "Two lessons",
    objectives: [{ code: "lessons", name: "Lessons", event_name: "lesson_finished", target: 2 }],
  });
  await call("/admin/leaderboards", { code: "top", name: "Top" });
  await call("/admin/rules", {
    code: "careful",
    name: "Careful",
    event_name: "lesson_finished",
    condition: "event.properties.mistakes == 0",
    actions: [{ type: "award_points", amount: 5 }],
  });
  await call("/admin/webhooks", { code: "none", name: "None", url: "http://127.0.0.1:9/", types: ["badge.revoked"], is_active: false });
  await call("/participants", { participant_id: "one", display_name: "Number One", attributes: { timezone: "Asia/Tokyo" } });
  await call("/points/award", { participant_id: "one", amount: 950, reason: "Welcome" });
  await call("/events", { participant_id: "one", event_name: "lesson_finished", properties: { mistakes: 2 } });
  await call("/admin/streaks", { code: "visits", name: "Visits", period: "daily" });
  await call("/streaks/record", { participant_id: "one", streak_code: "visits" });
  await call("/participants", { participant_id: strange, display_name: hostile, attributes: { note: hostile } });
  await call("/points/award", { participant_id: strange, amount: 10, reason: hostile, metadata: { by: hostile } });
  await call("/events", { participant_id: strange, event_name: hostile, properties: { text: hostile } });
  for (const who of ["one", "one", strange]) await call("/rewards/mug/claim", { participant_id: who });
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: flags });
});

after(() => browser?.close());

/** What a page showed when its test ended early. */
afterEach(async (test) => {
  for (const context of browser?.contexts() ?? []) {
    for (const page of context.pages()) {
      const shown = await page.locator("body").innerText({ timeout: 5_000 }).catch((error) => error.message);
      console.error(`${test.name}: ${page.url()} showed\n${shown.replace(/\n+/g, "\n").slice(0, 1_500)}\n${page.problems.join("\n")}`);
    }
    await context.close();
  }
});

/** A page that fails the test when anything goes wrong in it unseen. */
export async function opened(options = {}, base = url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.problems = [];
  page.on("pageerror", (error) => page.problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && page.problems.push(message.text()));
  page.on("dialog", () => page.problems.push("a dialog of a script"));
  await page.goto(`${base}/console`);
  return page;
}

export async function signedIn(scope, place = "people", options = {}, base = url) {
  const page = await opened(options, base);
  await page.getByLabel("API key").fill(keys[scope]);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "People" }).waitFor();
  if (place !== "people") await show(page, place);
  return page;
}

export async function show(page, place) {
  await page.evaluate((to) => (location.hash = `#/${to}`), place);
}

export async function closed(page) {
  assert.deepEqual(page.problems, []);
  assert.equal(await page.evaluate(() => window.hit), undefined);
  await page.context().close();
}

/** Waits until nothing of the page is being read. */
export async function complete(page) {
  await page.waitForFunction(() => document.querySelector("h1") && !document.querySelector(".loading"));
}

export async function accessible(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const found = violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(" | ")}`);
  assert.deepEqual(found, [], where);
}

/** The console in Chromium: what each page does, each role's limits, and what goes wrong around it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { test } from "node:test";

import { accessible, call, callWith, closed, complete, hostile, keys, opened, receiver, show, signedIn, strange, url } from "./support.mjs";

test("a wrong key gets the sentence of the API", async () => {
  const page = await opened();
  await page.getByLabel("API key").waitFor();
  await page.keyboard.type("lk_live_wrong");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("Invalid or revoked API key.").waitFor();
  await page.context().close();
});

test("no script can read the session", async () => {
  const page = await signedIn("gamify:support");
  assert.equal(await page.evaluate(() => document.cookie), "");
  const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
  assert.ok(!stored.includes(keys["gamify:support"]));
  const [cookie] = await page.context().cookies(`${url}/api/v1/gamify/session`);
  assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, "Strict", "/api/v1/gamify"]);
  await page.reload();
  await page.getByRole("heading", { name: "People" }).waitFor();
  await closed(page);
});

test("finding a person and seeing why", async () => {
  const page = await signedIn("gamify:read");
  // The field has the focus.
  await page.keyboard.type("n");
  assert.equal(await page.getByLabel("Name or id").inputValue(), "n");
  await page.keyboard.type("umber");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Number One" }).waitFor();
  const event = page.getByRole("listitem").filter({ hasText: "lesson_finished" }).first();
  await event.getByRole("button", { name: "Why?" }).click();
  await event.getByText("The condition did not hold.").first().waitFor();
  await event.getByText("event.properties.mistakes == 0", { exact: true }).waitFor();
  await event.getByRole("definition").getByText("2").first().waitFor();
  assert.equal(await page.getByRole("button", { name: "Give points" }).count(), 0);
  await closed(page);
});

test("giving, taking and reversing points", async () => {
  const page = await signedIn("gamify:support", "people/one");
  await page.getByRole("button", { name: "Give points" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Points", { exact: true }).fill("100");
  await dialog.getByLabel("Reason").fill("It was our mistake");
  const shown = await dialog.getByText(/idempotency_key/).textContent();
  const sent = page.waitForRequest((each) => each.url().endsWith("/points/award") && each.method() === "POST");
  await dialog.getByRole("button", { name: "Give points" }).click();
  const body = (await sent).postData();
  assert.ok(shown.includes(body), `${shown} is not what was sent: ${body}`);
  assert.deepEqual(JSON.parse(body).metadata, { by: "gamify:support" });
  await page.getByText("Reached the tier Silver").waitFor();
  const entry = page.getByRole("listitem").filter({ hasText: "It was our mistake" });
  await entry.getByText("by gamify:support").waitFor();
  const before = (await call("/participants/one/points", undefined, "GET")).balance;

  await entry.getByRole("button", { name: "Reverse" }).click();
  await dialog.getByLabel("Points to reverse").fill("40");
  await dialog.getByLabel("Reason").fill("Too much");
  await dialog.getByRole("button", { name: "Reverse" }).click();
  await page.getByText("Reversed 40 points of Number One (one).").waitFor();
  await entry.getByText("40 reversed").waitFor();
  await entry.getByRole("button", { name: "Reverse" }).click();
  assert.equal(await dialog.getByLabel("Points to reverse").inputValue(), "60");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Take points" }).click();
  await dialog.getByLabel("Points", { exact: true }).fill("10");
  await dialog.getByLabel("Reason").fill("A fee");
  await dialog.getByRole("button", { name: "Take points" }).click();
  await page.getByText("Took 10 points from Number One (one).").waitFor();
  assert.equal((await call("/participants/one/points", undefined, "GET")).balance, before - 50);
  await page.getByText((before - 50).toLocaleString("en"), { exact: true }).first().waitFor();
  await page.getByRole("button", { name: /API calls/ }).click();
  await page.getByText("POST /api/v1/gamify/points/deduct").waitFor();
  await closed(page);
});

test("the buttons of a dialog stay where they are, also in a small window", async () => {
  const page = await signedIn("gamify:support", "people/one", { viewport: { width: 390, height: 500 } });
  await page.getByRole("button", { name: "Take points" }).click();
  const dialog = page.getByRole("dialog");
  const confirm = dialog.getByRole("button", { name: "Take points" });
  const before = await confirm.boundingBox();
  assert.ok(before.y + before.height <= 500, `the button ends at ${before.y + before.height} px`);
  await dialog.getByLabel("Points", { exact: true }).fill("1");
  await dialog.getByLabel("Reason").fill("A fee");
  await dialog.getByText("idempotency_key").waitFor({ state: "attached" });
  assert.deepEqual(await confirm.boundingBox(), before);
  await dialog.getByText("The API call").click();
  await dialog.getByText("idempotency_key").waitFor();
  const opened = await confirm.boundingBox();
  assert.ok(opened.y + opened.height <= 500, `the button ends at ${opened.y + opened.height} px`);
  await accessible(page, "a small dialog");
  await page.keyboard.press("Escape");
  await closed(page);
});

test("rows stay in line, and messages cover none of their buttons", async () => {
  await call("/points/award", { participant_id: "buyer", amount: 200 });
  await call("/rewards/mug/claim", { participant_id: "buyer", points_deduction: true });
  const page = await signedIn("gamify:support", "people/one");
  await page.getByRole("button", { name: "Reverse" }).first().waitFor();
  const ends = await page.locator(".entry time").evaluateAll((all) => all.map((each) => Math.round(each.getBoundingClientRect().right)));
  assert.ok(ends.length > 2);
  assert.equal(new Set(ends).size, 1, `the times end at ${ends}`);
  await page.getByRole("button", { name: "Give points" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Points", { exact: true }).fill("1");
  await dialog.getByLabel("Reason").fill("A test");
  await dialog.getByRole("button", { name: "Give points" }).click();
  const message = page.getByRole("status").getByText(/^Gave .* 1 point\. /);
  await message.waitFor();
  assert.ok((await message.boundingBox()).y < 60);
  await page.waitForTimeout(1_100);
  await show(page, "claims");
  await message.waitFor({ state: "detached", timeout: 2_000 });
  const row = page.getByRole("row").filter({ hasText: "Mug" }).first();
  const middle = async (part) => {
    const { y, height } = await part.boundingBox();
    return y + height / 2;
  };
  const distance = (await middle(row.getByRole("button", { name: "Fulfil" }))) - (await middle(row.getByRole("link")));
  assert.ok(Math.abs(distance) < 2, `${distance} px`);
  for (let times = 0; times < 30; times += 1) {
    await show(page, times % 2 ? "claims" : "rewards");
    await page.getByRole("table").first().waitFor();
    await page.waitForTimeout(50);
  }
  const calls = page.getByRole("button", { name: /API calls/ });
  assert.ok(Number.parseInt((await calls.textContent()).replace(/\D*/, ""), 10) > 50, await calls.textContent());
  await calls.click();
  await page.getByText("The last 50 are shown.").waitFor();
  await closed(page);

  const narrow = await signedIn("gamify:support", "claims", { viewport: { width: 390, height: 844 } });
  await narrow.getByRole("row").filter({ hasText: "buyer" }).getByText(/^100 points, /).waitFor();
  const theme = await narrow.getByLabel("Theme").boundingBox();
  assert.ok(theme.width > 125, `${theme.width} px for the theme`);
  await closed(narrow);
});

test("a dialog of points says at once what is not possible, and does not send it", async () => {
  const { transaction_id: id } = await call("/points/award", { participant_id: "frugal", amount: 30, reason: "Start" });
  assert.ok(id);
  const page = await signedIn("gamify:support", "people/frugal");
  const dialog = page.getByRole("dialog");
  const refused = async (open, label, value, verb, sentence) => {
    await open.click();
    await dialog.getByLabel(label, { exact: true }).fill(value);
    await dialog.getByText(sentence).waitFor();
    await dialog.getByLabel("Reason").fill("A reason");
    assert.ok(await dialog.getByRole("button", { name: verb }).isDisabled(), sentence);
    await page.keyboard.press("Escape");
  };
  await refused(page.getByRole("button", { name: "Take points" }), "Points", "31", "Take points", "The balance has only 30 points.");
  await refused(page.getByRole("button", { name: "Give points" }), "Points", "1.5", "Give points", "Points: whole numbers only.");
  await refused(page.getByRole("button", { name: "Give points" }), "Points", "-1", "Give points", "Points: at least 1.");
  const entry = page.getByRole("listitem").filter({ hasText: "Start" });
  await refused(entry.getByRole("button", { name: "Reverse" }), "Points to reverse", "31", "Reverse", "Only 30 points of it can still be reversed.");
  await closed(page);
});

test("a refusal is shown in the dialog, in the words of the API", async () => {
  const page = await signedIn("gamify:support", "people/one");
  await page.getByRole("button", { name: "Take points" }).click();
  const { balance } = await call("/participants/one/points", undefined, "GET");
  await call("/points/deduct", { participant_id: "one", amount: 50, reason: "Meanwhile" });
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Points", { exact: true }).fill(String(balance));
  await dialog.getByLabel("Reason").fill("All of it");
  await dialog.getByRole("button", { name: "Take points" }).click();
  await dialog.getByText(`Insufficient points. Available: ${balance - 50}, requested: ${balance}.`).waitFor();
  assert.equal((await call("/participants/one/points", undefined, "GET")).balance, balance - 50);
  await page.context().close();
});

test("points that were limited name the earning cap, and a reversed award cannot be reversed again", async () => {
  const actions = [{ type: "award_points", amount: 5 }];
  await call("/admin/rules", { code: "quizzes", name: "Quizzes", event_name: "quiz", actions });
  await call("/admin/earning-caps", { code: "five_a_day", name: "Five a day", points: 5, period: "day", rule_code: "quizzes" });
  for (let times = 0; times < 2; times += 1) {
    await call("/events", { participant_id: "capped", event_name: "quiz" });
  }
  const { transaction_id: id } = await call("/points/award", { participant_id: "capped", amount: 30, reason: "A mistake" });
  await call("/points/reverse", { participant_id: "capped", transaction_id: id, reason: "It was one" });
  const page = await signedIn("gamify:support", "people/capped");
  const mistake = page.getByRole("listitem").filter({ hasText: "A mistake" });
  await mistake.getByText("reversed", { exact: true }).waitFor();
  assert.equal(await mistake.getByRole("button", { name: "Reverse" }).count(), 0);
  await page.getByText("5 before limits and multipliers").waitFor();
  const event = page.getByRole("listitem").filter({ hasText: "quiz" }).first();
  await event.getByRole("button", { name: "Why?" }).click();
  await event.getByText("Points awarded: 0 of 5, limited by the earning cap five_a_day").waitFor();
  await page.getByText(/^\d+ not earned$/).click();
  await page.getByRole("listitem").filter({ hasText: "Helper" }).getByText("Nothing awards this badge").waitFor();
  await page.getByRole("listitem").filter({ hasText: "First Steps" }).getByText(/awarded by the rule/).waitFor();
  await event.getByRole("link", { name: "five_a_day" }).click();
  await page.getByRole("heading", { level: 1, name: "Five a day" }).waitFor();
  await closed(page);
});

test("badges, tiers and claims", async () => {
  const page = await signedIn("gamify:support", "people/one");
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Award a badge" }).click();
  await dialog.getByLabel("Badge").selectOption("helper");
  assert.ok(await dialog.getByRole("button", { name: "Award badge" }).isDisabled());
  await dialog.getByLabel("Reason").fill("Helped by phone");
  await dialog.getByRole("button", { name: "Award badge" }).click();
  await page.getByText("Awarded Helper to Number One (one).").waitFor();
  const history = page.getByRole("region", { name: "History" }).getByRole("listitem");
  await history.filter({ hasText: "Badge Helper earned" }).getByText("“Helped by phone” · by gamify:support").waitFor();
  await page.getByRole("button", { name: "Take away Helper" }).click();
  await dialog.getByLabel("Reason").fill("By mistake");
  await dialog.getByRole("button", { name: "Take badge away" }).click();
  await page.getByText("Took Helper away from Number One (one).").waitFor();
  await history.filter({ hasText: "Badge Helper taken away" }).getByText("“By mistake” · by gamify:support").waitFor();
  await page.getByRole("button", { name: "Assign a tier" }).click();
  await dialog.getByLabel("Tier").selectOption("silver");
  await dialog.getByLabel("Reason").fill("As promised");
  await dialog.getByRole("button", { name: "Assign tier" }).click();
  await page.getByText("Number One (one) is now in the tier Silver.").waitFor();
  await history.filter({ hasText: "Tier Silver assigned" }).getByText("“As promised” · by gamify:support").waitFor();
  await page.getByLabel("Show in the history").selectOption("Badges and tiers");
  await history.filter({ hasText: "Welcome" }).waitFor({ state: "detached" });
  await history.filter({ hasText: "Badge Helper earned" }).waitFor();
  const claims = page.getByRole("region", { name: "Claims" });
  await claims.getByRole("button", { name: "Fulfil" }).first().click();
  await dialog.getByRole("button", { name: "Mark as fulfilled" }).click();
  await page.getByText("The claim of Mug by Number One (one) is fulfilled.").waitFor();
  await show(page, "claims");
  await page.getByRole("row").filter({ hasText: "Number One" }).getByRole("button", { name: "Cancel" }).click();
  await dialog.getByRole("heading", { name: "Cancel the claim of Mug by Number One (one)" }).waitFor();
  await dialog.getByRole("button", { name: "Keep it" }).click();
  await page.getByRole("row").filter({ hasText: "Number One" }).getByRole("button", { name: "Cancel" }).click();
  await dialog.getByLabel("Reason").fill("Out of stock");
  await dialog.getByRole("button", { name: "Cancel the claim" }).click();
  await page.getByText("The claim of Mug by Number One (one) is cancelled.").waitFor();
  await page.getByRole("button", { name: "Cancelled" }).click();
  await page.getByRole("row").filter({ hasText: "Number One" }).getByText("by gamify:support · “Out of stock”").waitFor();
  const { items } = await call("/admin/audit-log?page_size=10", undefined, "GET");
  const done = items.filter((each) => each.actor === "gamify:support").map((each) => each.action);
  assert.deepEqual(done.slice(0, 5), ["cancel_claim", "fulfil_claim", "assign_tier", "revoke_badge", "award_badge"]);
  await closed(page);
});

test("times of the person, and the day of a limit, are on the page", async () => {
  const limit = { per_participant: { day: 1 } };
  const actions = [{ type: "award_points", amount: 2 }];
  await call("/admin/rules", { code: "daily", name: "Daily", event_name: "opened", actions, limit });
  await call("/participants", { participant_id: "far", attributes: { timezone: "Asia/Tokyo" } });
  for (let times = 0; times < 2; times += 1) {
    await call("/events", { participant_id: "far", event_name: "opened", timestamp: `2026-03-01T16:0${times}:00Z` });
  }
  const page = await signedIn("gamify:support", "people/far", { timezoneId: "UTC" });
  await page.getByText("Times in UTC, and in the person's zone, Asia/Tokyo").waitFor();
  const event = page.getByRole("listitem").filter({ hasText: "opened" }).first();
  await event.getByText(/Sun,? 1 Mar.* 16:01/).waitFor();
  await event.getByText(/Mon,? 2 Mar.* 01:01 Tokyo/).waitFor();
  await event.getByText(/^recorded /).waitFor();
  await event.getByRole("button", { name: "Why?" }).click();
  await event.getByText(/It counts for 2 Mar 2026 in Asia\/Tokyo\. The limit starts again Tue,? 3 Mar.* 00:00 there\./).waitFor();
  await closed(page);
});

test("streaks: the last record, lost runs, and both in the history", async () => {
  await call("/participants", { participant_id: "streaker", attributes: { timezone: "Asia/Tokyo" } });
  for (const day of ["2026-02-13T15:00:30Z", "2026-02-15T08:00:00Z", "2026-02-20T08:00:00Z"]) {
    await call("/streaks/record", { participant_id: "streaker", streak_code: "visits", timestamp: day });
  }
  const page = await signedIn("gamify:read", "people/streaker", { timezoneId: "UTC" });
  const card = page.getByRole("region", { name: "Streaks" });
  await card.getByText(/Last: Fri,? 20 Feb.* 17:00\./).waitFor();
  await card.getByText(/Before: 2 days, 14–15 Feb 2026, lost Tue,? 17 Feb.* 00:00\./).waitFor();
  await card.getByText("Days and times in Asia/Tokyo").waitFor();
  await page.getByLabel("Show in the history").selectOption("Streaks");
  const rows = page.getByRole("region", { name: "History" }).getByRole("listitem");
  await rows.filter({ hasText: "Streak Visits recorded: 2 days in a row" }).waitFor();
  const texts = await rows.allInnerTexts();
  const kinds = texts.map((each) => /lost|recorded/.exec(each)?.[0]);
  assert.deepEqual(kinds, ["lost", "recorded", "lost", "recorded", "recorded"]);
  await page.getByLabel("Show in the history").selectOption("Events");
  await page.getByText("Nothing under Events").waitFor();
  await accessible(page, "streaks");
  await closed(page);
});

test("personal data: export and deletion", async () => {
  await call("/points/award", { participant_id: "leaver", amount: 1 });
  const page = await signedIn("gamify:admin", "people/leaver");
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export all" }).click();
  assert.equal((await saved).suggestedFilename(), "personal-data-leaver.json");
  assert.equal(JSON.parse(readFileSync(await (await saved).path(), "utf8")).participant_id, "leaver");
  await page.getByRole("button", { name: "Delete" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Type leaver to confirm").fill("leave");
  assert.ok(await dialog.getByRole("button", { name: "Delete" }).isDisabled());
  await dialog.getByLabel("Type leaver to confirm").fill("leaver");
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByText("leaver is deleted.").waitFor();
  await page.getByRole("heading", { level: 1, name: "People" }).waitFor();
  await page.context().close();
});

test("each role sees its own part", async () => {
  const areas = { "gamify:read": 10, "gamify:support": 10, "gamify:admin": 10, admin: 12, operator: 12 };
  for (const [scope, count] of Object.entries(areas)) {
    const page = await signedIn(scope);
    assert.equal(await page.getByRole("navigation").getByRole("link").count(), count, scope);
    if (count === 10) {
      await show(page, "keys");
      await page.getByText("Your key is not allowed to do this").waitFor();
    }
    await closed(page);
  }
});

test("a key of an application is told which one to use", async () => {
  const page = await opened();
  await page.getByLabel("API key").fill(keys.gamify);
  await page.keyboard.press("Enter");
  await page.getByText("gamify:read").waitFor();
  await closed(page);
});

test("a session that ends asks for a key, and leads back", async () => {
  const key = await call("/admin/keys", { scope: "gamify:support", name: "leaving" });
  keys.leaving = key.key;
  const page = await signedIn("leaving", "people/one");
  await page.getByRole("heading", { name: "Number One" }).waitFor();
  await call(`/admin/keys/${key.id}/revoke`);
  const status = () => page.evaluate(async (at) => (await fetch(at, { headers: { "Laurels-Session": "default" } })).status, "../api/v1/gamify/session");
  while ((await status()) !== 401) await page.waitForTimeout(250);
  await page.getByRole("link", { name: "Claims" }).click();
  await page.getByText("The session has ended.").waitFor();
  await page.getByLabel("API key").fill(keys["gamify:support"]);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Claims" }).waitFor();
  await page.context().close();
});

test("signing out", async () => {
  const page = await signedIn("gamify:support");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("API key").waitFor();
  assert.deepEqual(await page.context().cookies(`${url}/api/v1/gamify/session`), []);
  await closed(page);
});

test("signing out of a project whose page is still being read leaves the other one signed in", async () => {
  const made = await call("/admin/projects", { code: "slow", name: "Slow", mode: "test" });
  const page = await signedIn("operator", "project");
  await page.getByLabel("Project", { exact: true }).selectOption("Another project …");
  await page.getByLabel("API key").fill(made.admin_key.key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Slow" }).waitFor();
  await complete(page);
  await page.route("**/admin/liability", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await route.continue().catch(() => undefined);
  });
  await page.reload();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { level: 1, name: "default" }).waitFor();
  await page.waitForTimeout(2_000);
  await page.getByRole("heading", { level: 1, name: "default" }).waitFor();
  await closed(page);
});

test("a sign-out that fails leaves the page as it was", async () => {
  const page = await signedIn("gamify:read", "people/one");
  await page.route("**/api/v1/gamify/session", (route) => route.abort());
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("status").getByText("No response").waitFor();
  await page.getByRole("heading", { level: 1, name: "Number One" }).waitFor();
  await page.context().close();
});

test("a server that goes away and returns", async () => {
  const page = await signedIn("gamify:read");
  await page.route("**/api/v1/**", (route) => route.abort());
  await show(page, "people/one");
  await page.getByText("The server did not respond.").first().waitFor({ timeout: 15_000 });
  await page.unroute("**/api/v1/**");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Number One" }).waitFor();
  await page.context().close();
});

test("no text of the API becomes part of the page", async () => {
  const page = await signedIn("operator", `people/${encodeURIComponent(strange)}`);
  await page.getByRole("heading", { level: 1, name: "<img" }).waitFor();
  await page.getByRole("button", { name: "Why?" }).first().click();
  await page.getByText("What happened").waitFor();
  for (const place of ["people", "claims", "boards", "audit", "overview?show=events", "rewards"]) {
    await show(page, place);
    await page.getByRole("table").first().waitFor();
  }
  await closed(page);
});

test("with the keyboard alone", async () => {
  const page = await signedIn("gamify:support", "people/one");
  await page.getByRole("button", { name: "Give points" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("5");
  await page.keyboard.press("Tab");
  await page.keyboard.type("By hand");
  await page.keyboard.press("Enter");
  await page.getByText("Gave Number One (one) 5 points.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Give points");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await closed(page);
});

for (const [colorScheme, width] of [["light", 1280], ["dark", 1280], ["light", 390], ["dark", 390]]) {
  test(`all pages are accessible: ${colorScheme}, ${width} px`, async () => {
    const options = { colorScheme, viewport: { width, height: 844 }, reducedMotion: "reduce" };
    const empty = await opened(options);
    await accessible(empty, "sign-in");
    await closed(empty);
    const page = await signedIn("operator", "people", options);
    for (const place of [
      "people",
      "people/one",
      "overview",
      "overview?show=events",
      "rewards",
      "claims",
      "boards",
      "challenges",
      "feed",
      "webhooks",
      "webhooks/none",
      "webhooks/new",
      "project",
      "keys",
      "audit",
      "definitions",
      "definitions/rules/careful",
      "nowhere",
    ]) {
      await show(page, place);
      await page.locator("table, .timeline > li, .empty, .form, .figures, .settings").locator("visible=true").first().waitFor();
      await complete(page);
      await accessible(page, place);
      const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(inner <= outer, `${place} is ${inner} px wide`);
    }
    await show(page, "people/one");
    await page.getByRole("button", { name: "Why?" }).first().click();
    await page.getByText("What happened").waitFor();
    await page.getByRole("button", { name: "Give points" }).click();
    await page.getByRole("dialog").getByLabel("Points", { exact: true }).fill("5");
    await accessible(page, "dialog");
    await closed(page);
  });
}

test("a definition: draft, simulation, comparison, application", async () => {
  await call("/admin/rewards", { code: "last_mug", name: "Last mug", type: "physical", points_cost: 0, total_inventory: 5 });
  const page = await signedIn("gamify:admin", "definitions");
  await page.getByRole("link", { name: "Careful" }).click();
  await page.getByLabel("Amount", { exact: true }).fill("20");
  await page.getByLabel("Condition").fill("");
  await page.getByLabel("Condition").pressSequentially("event.prop");
  await page.getByRole("option", { name: /event\.properties/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByLabel("Condition").pressSequentially(".mistakes <= ");
  await page.getByRole("alert").getByText(/line 1/i).waitFor();
  await page.getByLabel("Condition").pressSequentially("2");
  await page.getByText("bool; reads event.properties.mistakes").waitFor();
  await page.getByText("event.properties.mistakes == 0").waitFor();
  assert.equal((await call("/rewards/last_mug/claim", { participant_id: "one" })).reward_name, "Last mug");
  await page.getByRole("button", { name: "Simulate" }).click();
  await page.getByRole("row", { name: /Awarded/ }).getByText("+20").waitFor();
  await page.getByText("All points that were given or taken.").waitFor();
  await page.getByText("Rewards were claimed without a limit.").waitFor();
  await page.getByRole("button", { name: "Apply" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Apply" }).click();
  await page.getByText("The rule Careful is saved.").waitFor();
  assert.equal((await call("/admin/rules/careful", undefined, "GET")).actions[0].amount, 20);
  await page.getByText("Nothing is changed yet.").waitFor();

  const apply = page.getByRole("button", { name: "Apply" });
  await page.getByLabel("Condition").fill("event.properties.mistakes <");
  await page.getByText("Not accepted at line 1, column 28: a value is missing at the end.").waitFor();
  await page.getByText("Not valid: Condition.").waitFor();
  assert.ok(await apply.isDisabled());
  assert.ok(await page.getByRole("button", { name: "Simulate" }).isDisabled());
  await page.getByLabel("Condition").fill("event.properties.mistakes < 9");
  await page.waitForFunction(() => [...document.querySelectorAll("button")].some((each) => each.textContent === "Apply" && !each.disabled));
  await page.getByLabel("Amount", { exact: true }).fill("");
  await page.getByText("Still missing: Amount.").waitFor();
  assert.ok(await apply.isDisabled());
  await page.getByLabel("Amount", { exact: true }).fill("5");
  await page.getByLabel("Display order").fill("1.5");
  await page.getByText("Not valid: Display order.").waitFor();
  await page.getByRole("alert").getByText("Must be a whole number.").waitFor();
  assert.ok(await apply.isDisabled());
  await page.getByRole("button", { name: "Discard" }).click();
  assert.equal(await page.getByText("Not valid").count(), 0);

  await page.getByRole("button", { name: "Delete" }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByText("Careful is deleted.").waitFor();
  await page.getByText("1 deleted rule").click();
  await page.getByRole("button", { name: "Restore" }).click();
  await dialog.getByRole("button", { name: "Restore" }).click();
  await page.getByRole("link", { name: "Careful" }).waitFor();
  await page.context().close();
});

test("a field keeps what is typed until it is left", async () => {
  const page = await signedIn("gamify:admin", "definitions/rules/careful");
  const amount = page.getByLabel("Amount", { exact: true });
  await amount.fill("");
  await amount.pressSequentially("5 + 3");
  assert.equal(await amount.inputValue(), "5 + 3");
  await page.getByText("int; reads nothing").waitFor();
  await amount.fill("");
  await amount.pressSequentially("07 ");
  assert.equal(await amount.inputValue(), "07 ");
  await page.getByText("Actions › Award points › Amount").waitFor();
  await page.getByText(/^\d+ → 7$/).waitFor();
  await page.keyboard.press("Tab");
  assert.equal(await amount.inputValue(), "7");
  const order = page.getByLabel("Display order");
  await order.fill("");
  await order.pressSequentially("1.5");
  assert.equal(await order.inputValue(), "1.5");
  await closed(page);
});

test("actions of a rule as forms, references, and YAML", async () => {
  await call("/admin/badges", { code: "formed", name: "Formed" });
  const page = await signedIn("gamify:admin", "definitions/rules/new");
  await page.getByLabel("Name", { exact: true }).fill("By form");
  await page.getByLabel("Code", { exact: true }).fill("by_form");
  await page.getByLabel("Starts at").fill("2026-03-01T09:30:15");
  await page.getByLabel("Event name").fill("formed");
  await page.getByLabel("Add action").selectOption("award_badge");
  await page.getByLabel("Badge code").fill("formed");
  await page.getByLabel("Add action").selectOption("award_points");
  await page.getByLabel("Amount", { exact: true }).fill("participant.balance + 1");
  await page.getByText("int; reads participant.balance").waitFor();
  await page.getByRole("group", { name: /^Limit/ }).getByRole("button", { name: "Set" }).click();
  await page.getByRole("group", { name: /^Per participant/ }).getByRole("button", { name: "Set" }).click();
  await page.getByLabel(/^Day/).fill("2");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: "By form" }).waitFor();
  const made = await call("/admin/rules/by_form", undefined, "GET");
  assert.deepEqual(made.actions.map((each) => each.badge_code ?? each.amount), ["formed", "participant.balance + 1"]);
  assert.equal(made.limit.per_participant.day, 2);
  assert.equal(new Date(made.starts_at).getTime(), new Date("2026-03-01T09:30:15").getTime());
  await page.getByRole("region", { name: "References" }).getByRole("link", { name: "formed" }).click();
  await page.getByRole("heading", { level: 1, name: "Formed" }).waitFor();
  await page.getByRole("heading", { name: "Used by" }).waitFor();
  await page.getByRole("link", { name: "by_form" }).waitFor();
  await page.getByText("As YAML").click();
  await page.getByText("- code: formed").waitFor();
  await closed(page);
});

test("a key that may not change definitions reads them as text", async () => {
  const page = await signedIn("gamify:read", "definitions/rules/careful");
  const text = page.getByRole("region", { name: "Definition" });
  await text.getByText("Your key may read definitions, not change them.").waitFor();
  await text.getByText("Award points").waitFor();
  await text.getByText(/^event\.properties\.mistakes/).waitFor();
  await text.getByText(/^Not set: .*Group/).waitFor();
  assert.equal(await page.locator("main").getByRole("textbox").count(), 0);
  assert.equal(await page.getByText("Draft", { exact: true }).count(), 0);
  await accessible(page, "a definition as text");
  await show(page, "definitions/challenges/two_lessons");
  await text.getByText("lesson_finished").waitFor();
  for (const place of ["definitions/rules/new", "webhooks/new"]) {
    await show(page, place);
    await page.getByText("Your key is not allowed to do this").waitFor();
    assert.equal(await page.locator("main").getByRole("textbox").count(), 0);
  }
  await closed(page);
});

test("the audit log shows changes in words", async () => {
  const { id, priority } = await call("/admin/rules/careful", undefined, "GET");
  await call(`/admin/rules/${id}`, { actions: [{ type: "award_points", amount: 31 }], priority: priority + 1 }, "PATCH");
  const page = await signedIn("admin", "audit");
  const row = page.getByRole("row").filter({ hasText: "careful" }).first();
  await row.getByText(/^\d+ fields?$/).click();
  await row.getByText("Actions › Award points › Amount").waitFor();
  await row.getByText(/^\d+ → 31$/).waitFor();
  await accessible(page, "an entry of the audit log");
  await closed(page);
});

test("a draft is kept when its page is left", async () => {
  const page = await signedIn("gamify:admin", "definitions/rules/careful");
  await page.getByLabel("Description").fill("Half done");
  await page.getByRole("link", { name: "Boards", exact: true }).first().click();
  await page.getByText("The draft of Careful is kept.").waitFor();
  await page.getByRole("link", { name: "Definitions" }).click();
  const row = page.getByRole("row").filter({ hasText: "Careful" });
  await row.getByText("draft", { exact: true }).waitFor();
  const { id, updated_at } = await call("/admin/rules/careful", undefined, "GET");
  await call(`/admin/rules/${id}`, { priority: 7, updated_at }, "PATCH");
  await row.getByRole("link").click();
  await page.getByText("The definition has changed since").waitFor();
  assert.equal(await page.getByLabel("Description").inputValue(), "Half done");
  assert.equal(await page.getByLabel("Priority").inputValue(), "7");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Apply" }).click();
  await page.getByText("Nothing is changed yet.").waitFor();
  const { description, priority } = await call("/admin/rules/careful", undefined, "GET");
  assert.deepEqual([description, priority], ["Half done", 7]);

  await show(page, "definitions/rules/new");
  await page.getByLabel("Name", { exact: true }).fill("Begun");
  await show(page, "definitions/rules");
  await page.getByText("The draft of a new rule is kept.").waitFor();
  await page.getByRole("button", { name: "New rule" }).click();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Begun");
  let asked = 0;
  page.removeAllListeners("dialog");
  page.on("dialog", (dialog) => void ((asked += 1), dialog.accept()));
  await page.reload();
  await page.getByLabel("Name", { exact: true }).waitFor();
  assert.deepEqual([asked, await page.getByLabel("Name", { exact: true }).inputValue()], [1, ""]);
  await page.getByLabel("Name", { exact: true }).fill("Secret");
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("API key").fill(keys["gamify:admin"]);
  await page.keyboard.press("Enter");
  await page.getByLabel("Name", { exact: true }).waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "");
  await closed(page);
});

test("a board's condition has its own variables, which are checked when it is saved", async () => {
  const page = await signedIn("gamify:admin", "definitions/leaderboards/top");
  await page.getByLabel("Condition").fill("points.amount > 5");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  assert.equal(await page.getByText("Not accepted").count(), 0);
  await page.getByRole("button", { name: "Discard" }).click();
  await closed(page);
});

test("a badge's page tells what awards it", async () => {
  await call("/admin/badges", { code: "rich", name: "Rich", criteria: "participant.balance > 100000" });
  const page = await signedIn("gamify:read", "definitions/badges/helper");
  const references = page.getByRole("region", { name: "References" });
  await references.getByText("Nothing awards this badge").waitFor();
  await call("/admin/rewards", { code: "for_helpers", name: "For helpers", type: "physical", required_badges: ["helper"] });
  await page.reload();
  await references.getByRole("link", { name: "for_helpers" }).waitFor();
  await references.getByText("Nothing awards this badge").waitFor();
  await accessible(page, "a badge");
  await show(page, "definitions/badges/rich");
  await references.getByText("People earn this badge by its criteria.").waitFor();
  await show(page, "definitions/rules/careful");
  await page.getByText("Award points").waitFor();
  assert.equal(await page.getByText("Nothing awards").count(), 0);
  await closed(page);
});

test("a new definition", async () => {
  const page = await signedIn("gamify:admin", "definitions/streaks");
  await page.getByRole("button", { name: "New streak" }).click();
  await page.getByLabel("Code", { exact: true }).fill("reading");
  await page.getByLabel("Name", { exact: true }).fill("Reading");
  await page.getByText("Still missing: Period.").waitFor();
  await page.getByLabel("Period", { exact: true }).selectOption("weekly");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: "Reading" }).waitFor();
  assert.equal((await call("/admin/streaks/reading", undefined, "GET")).period, "weekly");
  await closed(page);
});

test("figures of a period, and their export", async () => {
  const page = await signedIn("gamify:read", "overview?show=events");
  const counted = page.getByRole("row", { name: /lesson_finished/ });
  for (let tries = 0; tries < 60 && (await counted.count()) === 0; tries += 1) {
    await page.waitForTimeout(1_000);
    await page.reload();
    await page.getByRole("heading", { name: "Now" }).waitFor();
  }
  await counted.getByRole("cell", { name: "1", exact: true }).waitFor();
  await page.getByRole("button", { name: /Streaks lost 0 no change/ }).waitFor();
  await page.getByRole("button", { name: /Streaks alive 1 ▲? ?before: 0/ }).click();
  await page.getByRole("row", { name: /visits 1 0/ }).waitFor();
  await page.getByText("by the day of recording").waitFor();
  await page.getByRole("button", { name: /^Active people, average per day/ }).click();
  await page.getByRole("img", { name: /^Active people per day/ }).waitFor();
  await page.getByText("Each day counts what was recorded on it.").waitFor();
  await page.getByRole("button", { name: /Points issued/ }).click();
  await page.getByText("Without the points that were reversed.").waitFor();
  await page.getByText("Numbers of each day").click();
  const today = new Date().toISOString().slice(0, 10);
  await page.getByRole("row", { name: new RegExp(today) }).waitFor();
  await page.getByRole("button", { name: "7 days" }).click();
  await page.waitForURL(/days=7/);
  for (const [button, line] of [["Figures as CSV", "streaks_alive,visits,1"], ["Transactions as CSV", ",award,950,"]]) {
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: button }).click();
    assert.ok(readFileSync(await (await saved).path(), "utf8").includes(line), button);
  }
  await closed(page);
});

test("codes of a reward", async () => {
  const page = await signedIn("gamify:admin", "rewards");
  await page.getByRole("button", { name: "Upload codes of Coupon" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Codes", { exact: true }).fill("code,note\nA-1,x\nA-2\n\nA-2");
  await dialog.getByText("3 codes, from A-1 to A-2.").waitFor();
  await dialog.getByRole("button", { name: "Upload" }).click();
  await page.getByText("Added 2 codes; known already: 1.").waitFor();
  await page.getByRole("row", { name: /Coupon/ }).getByText("2 left").waitFor();
  await closed(page);
});

test("many claims at once", async () => {
  for (const who of ["bulk_1", "bulk_2", "bulk_3"]) await call("/rewards/mug/claim", { participant_id: who });
  const page = await signedIn("gamify:support", "claims");
  const dialog = page.getByRole("dialog");
  const box = (who) => page.getByRole("checkbox", { name: `Choose the claim of Mug by ${who}` });
  await box("bulk_3").click();
  await box("bulk_1").click({ modifiers: ["Shift"] });
  assert.ok(await box("bulk_2").isChecked());
  await page.getByRole("button", { name: "Fulfil 3" }).waitFor();
  await box("bulk_3").uncheck();
  await page.getByRole("button", { name: "Fulfil 2" }).click();
  await dialog.getByRole("button", { name: "Mark as fulfilled" }).click();
  await page.getByText("Fulfilled 2 claims.").waitFor();
  await page.getByRole("checkbox", { name: "Choose the claim of Mug by bulk_3" }).check();
  await page.getByRole("button", { name: "Cancel 1" }).click();
  await dialog.getByText("by bulk_3").waitFor();
  await dialog.getByRole("button", { name: "Keep them" }).waitFor();
  await dialog.getByLabel("Reason").fill("Out of stock");
  await dialog.getByRole("button", { name: "Cancel the claims" }).click();
  await page.getByText("Cancelled 1 claim.").waitFor();
  const status = async (who) => (await call(`/participants/${who}/rewards`, undefined, "GET")).rewards[0].status;
  assert.deepEqual(await Promise.all(["bulk_1", "bulk_2", "bulk_3"].map(status)), ["fulfilled", "fulfilled", "cancelled"]);
  await closed(page);
});

test("the funnel of a challenge", async () => {
  const page = await signedIn("gamify:read", "challenges");
  const funnel = page.getByRole("region", { name: "Two lessons" });
  await funnel.getByRole("row", { name: /Joined 1 100 %/ }).waitFor();
  await funnel.getByRole("row", { name: /50 % 1 of 2 Lessons 1 100 %/ }).waitFor();
  await funnel.getByRole("row", { name: /75 % 2 of 2 Lessons 0 0 %/ }).waitFor();
  await funnel.getByRole("row", { name: /Completed 0 0 %/ }).waitFor();
  await funnel.getByText("1 under way; 0 left the challenge").waitFor();
  await closed(page);
});

test("an empty test project: a programme, the clock, settings, and a copy to another project", async () => {
  const made = await call("/admin/projects", { code: "trial", name: "Trial", mode: "test" });
  const page = await signedIn("operator", "project");
  await page.getByLabel("Project", { exact: true }).selectOption("Another project …");
  await page.getByLabel("API key").fill(made.admin_key.key);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "Trial" }).waitFor();

  await show(page, "overview");
  for (const name of ["Loyalty", "Fitness", "Learning"]) {
    await page.getByRole("button", { name: new RegExp(`^${name}`) }).click();
    await page.getByRole("button", { name: /^Apply \d+ changes$/ }).waitFor();
  }
  await page.getByRole("button", { name: /^Apply \d+ changes$/ }).click();
  await page.getByText(/^Applied \d+ changes\.$/).waitFor();
  await page.getByRole("heading", { name: "Begin with a programme" }).waitFor({ state: "detached" });
  await show(page, "definitions/streaks");
  await page.getByRole("link", { name: "Daily lesson" }).waitFor();

  await show(page, "project");
  await page.getByRole("button", { name: "+ 1 day" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Move the clock" }).click();
  await page.getByText("ahead by 24 hours").waitFor();

  await page.getByLabel("Project", { exact: true }).selectOption("default");
  await page.getByRole("button", { name: "Change: Content of events is kept" }).click();
  await page.getByRole("dialog").getByLabel("Days").fill("90");
  await page.getByRole("dialog").getByRole("button", { name: "Change" }).click();
  await page.getByText("90 days").waitFor();
  await page.getByRole("region", { name: /^Copy definitions/ }).getByRole("combobox").selectOption("trial");
  await page.getByRole("checkbox", { name: /Daily lesson/ }).waitFor();
  for (const box of await page.getByRole("checkbox").all()) await box.uncheck();
  await page.getByRole("checkbox", { name: /Daily lesson/ }).check();
  await page.getByRole("button", { name: "Apply 1 change" }).click();
  await page.getByText("Applied 1 change.").waitFor();
  assert.equal((await call("/admin/streaks/daily_lesson", undefined, "GET")).grace_period_hours, 24);
  assert.equal((await call("/admin/projects/default", undefined, "GET")).event_retention_days, 90);
  await page.reload();
  await page.getByLabel("Project", { exact: true }).selectOption("trial");
  await page.getByRole("heading", { level: 1, name: "Trial" }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("heading", { level: 1, name: "Project" }).waitFor({ state: "detached" });
  await page.getByRole("heading", { level: 1, name: /default/i }).waitFor();
  await closed(page);
});

test("each starter programme can be applied as it is", async () => {
  for (const name of ["Loyalty", "Learning", "Fitness"]) {
    const made = await call("/admin/projects", { code: `of_${name.toLowerCase()}`, mode: "test" });
    keys.starter = made.admin_key.key;
    const page = await signedIn("starter", "overview");
    await page.getByRole("button", { name: new RegExp(`^${name}`) }).click();
    await page.getByRole("button", { name: /^Apply \d+ changes$/ }).click();
    await page.getByText(/^Applied \d+ changes\.$/).waitFor();
    await closed(page);
  }
});

test("the feed, as it comes", async () => {
  await call("/feed", undefined, "GET");
  const page = await signedIn("gamify:read", "feed?person=followed");
  await page.getByRole("button", { name: "Follow" }).click();
  await page.getByText("Waiting for an event").waitFor();
  for (let tries = 0; tries < 20 && (await page.getByText("points.awarded").count()) === 0; tries += 1) {
    await call("/points/award", { participant_id: "followed", amount: 3, reason: hostile });
    await page.waitForTimeout(1_000);
  }
  await page.getByText("points.awarded").first().waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("link", { name: "followed" }).first().click();
  await page.getByRole("heading", { level: 1, name: "followed" }).waitFor();
  await closed(page);
});

test("a webhook: created, tested, its deliveries, a new secret, and events again", async () => {
  const { bodies, address, close } = await receiver();
  const page = await signedIn("gamify:admin", "webhooks");
  await page.getByRole("button", { name: "New webhook" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Receiver");
  await page.getByLabel("Code", { exact: true }).fill("receiver");
  await page.getByLabel("URL").fill(address);
  const headers = page.getByRole("group", { name: "Headers" });
  for (const [at, value] of ["Bearer one", "two"].entries()) {
    await headers.getByRole("button", { name: "Add" }).click();
    await headers.getByLabel(`Name ${at + 1}`).fill("X-From");
    await headers.getByLabel(`Value ${at + 1}`).fill(value);
  }
  await headers.getByText("This name is there twice").waitFor();
  await headers.getByRole("button", { name: "Remove X-From" }).first().click();
  await accessible(page, "headers");
  await page.getByRole("group", { name: "Types" }).getByLabel("points.awarded").check();
  await page.getByRole("button", { name: "Apply" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: "Receiver" }).waitFor();
  const first = await page.getByText(/^whsec_/).textContent();
  assert.deepEqual((await call("/admin/webhooks/receiver", undefined, "GET")).headers, { "X-From": "two" });
  await accessible(page, "a new webhook");

  await page.getByRole("button", { name: "Send a test event" }).click();
  await dialog.getByRole("button", { name: "Send" }).click();
  const deliveries = page.getByRole("list", { name: "Deliveries" });
  const tested = deliveries.getByRole("listitem").filter({ hasText: "webhook.tested" });
  await tested.getByText("delivered").first().waitFor();
  await tested.getByText("1 attempt").click();
  await tested.getByText(hostile).waitFor();
  await accessible(page, "deliveries");
  await tested.getByRole("button", { name: "Send again: delivery 1" }).click();
  await dialog.getByRole("button", { name: "Send again" }).click();
  await page.getByText("Sent again as delivery 2.").waitFor();

  await call("/points/award", { participant_id: "hooked", amount: 7 });
  for (let tries = 0; tries < 60 && (await deliveries.getByText("points.awarded").count()) === 0; tries += 1) {
    await page.waitForTimeout(500);
    await page.getByRole("button", { name: "Refresh" }).click();
  }
  await page.getByRole("button", { name: "Send again since …" }).click();
  await dialog.getByLabel("Since").fill("2020-01-01T00:00");
  await dialog.getByRole("button", { name: "Send again" }).click();
  await page.getByText("are sent again.").waitFor();
  for (let tries = 0; tries < 120 && bodies.filter((each) => each.participant_id === "hooked").length < 2; tries += 1) await page.waitForTimeout(250);
  assert.equal(bodies.filter((each) => each.type === "webhook.tested").length, 2);
  assert.ok(bodies.filter((each) => each.participant_id === "hooked").length >= 2, JSON.stringify(bodies));

  await page.getByRole("button", { name: "New secret" }).click();
  await dialog.getByLabel(/^Hours/).fill("0");
  await dialog.getByRole("button", { name: "Replace the secret" }).click();
  await page.getByText(/^whsec_/).and(page.locator(`:not(:text-is("${first}"))`)).waitFor();
  await show(page, "webhooks");
  await page.getByRole("row", { name: /Receiver/ }).getByText("active").waitFor();
  await show(page, "webhooks/receiver");
  await deliveries.getByRole("listitem").first().waitFor();
  assert.equal(await page.getByText(/^whsec_/).count(), 0);

  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Is active").uncheck();
  await page.getByRole("button", { name: "Apply" }).click();
  await dialog.getByRole("button", { name: "Apply" }).click();
  await page.getByText("not active").waitFor();
  assert.ok(await page.getByRole("button", { name: "Send a test event" }).isDisabled());
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByText("1 deleted webhook").waitFor();
  await closed(page);
  close();
});

test("a webhook that fails, as those who may only read see it", async () => {
  const { address, close } = await receiver(500);
  await call("/admin/webhooks", { code: "failing", name: "Failing", url: address, types: ["tier.changed"] });
  await call("/admin/webhooks/failing/test");
  const page = await signedIn("gamify:read", "webhooks/failing?state=waiting");
  const delivery = page.getByRole("list", { name: "Deliveries" }).getByRole("listitem");
  for (let tries = 0; tries < 60 && (await delivery.getByText("500").count()) === 0; tries += 1) {
    await page.waitForTimeout(500);
    await page.getByRole("button", { name: "Refresh" }).click();
  }
  await delivery.getByText("Next attempt").waitFor();
  assert.equal(await page.getByRole("button", { name: /Send/ }).count(), 0);
  await page.getByRole("button", { name: "Failed" }).click();
  await page.getByText("No such delivery").waitFor();
  await page.getByRole("link", { name: "Definition", exact: true }).click();
  await page.getByText("Your key may read definitions, not change them.").waitFor();
  await show(page, "webhooks");
  await page.getByRole("row").filter({ hasText: "Failing" }).getByRole("cell", { name: "1", exact: true }).waitFor();
  await closed(page);
  close();
});

test("a board shows ids, and the month before in one click", async () => {
  const page = await signedIn("gamify:read", "boards/top", { timezoneId: "America/New_York" });
  await page.getByRole("row", { name: /Number One one/ }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Last month" }).count(), 0);
  await page.getByRole("combobox", { name: "Window" }).selectOption("monthly");
  await page.getByRole("row", { name: /Number One one/ }).waitFor();
  const now = new Date();
  const key = (months) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months, 1)).toISOString().slice(0, 7);
  await page.getByText(/until 1 \w+ \d{4}, 00:00 \(UTC\)/).waitFor();
  await page.getByRole("button", { name: "Last month" }).click();
  await page.getByText(`0 people on the board, ${key(1)}`).waitFor();
  assert.equal(await page.getByLabel("Past window").inputValue(), key(1));
  await page.getByRole("button", { name: `Before: ${key(2)}` }).click();
  await page.getByText(`0 people on the board, ${key(2)}`).waitFor();
  await closed(page);
});

test("the project page tells whose midnight counts", async () => {
  for (const scope of ["gamify:read", "operator"]) {
    const page = await signedIn(scope, "project", { timezoneId: "America/New_York" });
    await page.getByText("begin at midnight in UTC").waitFor();
    await page.getByText("midnight of each person's own time zone").waitFor();
    if (scope === "operator") await page.getByText(/\(America\/New_York\)/).waitFor();
    await closed(page);
  }
});

test("somebody who is not on a board", async () => {
  const page = await signedIn("gamify:read", "boards/top");
  await page.getByRole("row", { name: /Number One/ }).waitFor();
  await page.getByLabel("Around a person").fill("nemo");
  await page.keyboard.press("Enter");
  await page.getByText("No person with the id nemo is on this board in this window").waitFor();
  assert.equal(await page.getByText("Nobody is on this board").count(), 0);
  await page.getByRole("link", { name: "Search people" }).click();
  await page.getByText("Nobody matches").waitFor();
  await closed(page);
});

test("seasons and final results of a board", async () => {
  const made = await call("/admin/projects", { code: "played", name: "Played", mode: "test" });
  keys.played = made.admin_key.key;
  const today = new Date().toISOString().slice(0, 10);
  const spring = { code: "spring", from: today, to: today };
  await callWith(keys.played, "/admin/leaderboards", { code: "cup", name: "Cup", time_window: "daily", seasons: [spring] });
  await callWith(keys.played, "/points/award", { participant_id: "winner", amount: 30 });
  const page = await signedIn("played", "boards");
  await page.getByRole("option", { name: "Daily (default)" }).waitFor({ state: "attached" });
  assert.equal(await page.getByRole("option", { name: /daily/i }).count(), 1);
  await show(page, "boards/cup");
  await page.getByRole("link", { name: "Definition and seasons" }).waitFor();
  await page.getByRole("combobox", { name: "Window" }).selectOption("spring");
  await page.getByText(`1 person on the board, ${today} to ${today}`).waitFor();
  await page.getByRole("row", { name: /winner 30/ }).waitFor();
  assert.equal(await page.getByLabel("Past window").count(), 0);
  await page.getByLabel("Final result").check();
  await page.getByText("There is no result").waitFor();
  assert.equal(page.problems.length, 1);
  page.problems.length = 0;

  await callWith(keys.played, "/admin/clock", { advance_seconds: 4 * 24 * 3_600 });
  const result = "/leaderboards/cup?period=spring&result=true";
  for (let tries = 0; tries < 240 && (await callWith(keys.played, result, undefined, "GET")).status === 404; tries += 1) {
    await page.waitForTimeout(500);
  }
  await page.reload();
  await page.getByText("final result", { exact: true }).waitFor();
  await page.getByRole("row", { name: /winner 30/ }).waitFor();
  await accessible(page, "a result");
  await page.getByRole("combobox", { name: "Window" }).selectOption("Daily (default)");
  assert.equal(await page.getByLabel("Final result").count(), 0);
  await page.getByLabel("Past window").fill(today);
  await page.keyboard.press("Enter");
  await page.getByLabel("Final result").check();
  await page.getByRole("row", { name: /winner 30/ }).waitFor();
  await closed(page);
});

test("behind a prefix", async () => {
  const prefix = "/some/where";
  const proxy = createServer((incoming, outgoing) => {
    if (!incoming.url.startsWith(`${prefix}/`)) return void outgoing.writeHead(404).end();
    const options = { method: incoming.method, headers: incoming.headers };
    const passed = request(url + incoming.url.slice(prefix.length), options, (reply) => {
      outgoing.writeHead(reply.statusCode, reply.headers);
      reply.pipe(outgoing);
    });
    incoming.pipe(passed);
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  try {
    const base = `http://127.0.0.1:${proxy.address().port}${prefix}`;
    const page = await signedIn("gamify:support", "people/one", {}, base);
    await page.getByRole("heading", { name: "Number One" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Number One" }).waitFor();
    await closed(page);
  } finally {
    proxy.closeAllConnections();
    proxy.close();
  }
});

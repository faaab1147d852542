/** The newer pages of the console with the keyboard alone: all is reached by Tab, and dialogs give the focus back. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { accessible, call, callWith, closed, keys, receiver, show, signedIn } from "./support.mjs";

const mostSteps = 120;

/** What has the focus, for the message of a failure. */
function focused(page) {
  return page.evaluate(() => {
    const at = document.activeElement;
    return `${at?.tagName} ${at?.getAttribute("aria-label") ?? at?.textContent?.trim().slice(0, 40)}`;
  });
}

const hasFocus = (part) => part.evaluate((element) => element === document.activeElement);

/** Goes on by Tab until a part has the focus, which has to be visible. */
async function reach(page, part, key = "Tab") {
  await part.waitFor();
  const passed = [];
  for (let step = 0; step < mostSteps; step += 1) {
    await page.keyboard.press(key);
    if (await hasFocus(part)) {
      const ring = await part.evaluate((element) => getComputedStyle(element).outlineStyle);
      assert.notEqual(ring, "none", `the focus of ${await focused(page)} cannot be seen`);
      return;
    }
    passed.push(await focused(page));
  }
  assert.fail(`not reached by ${key}: ${part}; passed ${[...new Set(passed)].join(", ")}`);
}

async function press(page, part, key = "Enter") {
  await reach(page, part);
  await page.keyboard.press(key);
}

async function keepsFocus(page, part, where) {
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.waitForTimeout(300);
  assert.ok(await hasFocus(part), `${where}: ${await focused(page)} has the focus`);
}

/** Opens a dialog, looks whether the focus is in it, leaves it by Escape, and opens it again. */
async function opens(page, button) {
  const dialog = page.getByRole("dialog");
  await press(page, button);
  await dialog.waitFor();
  assert.ok(await dialog.evaluate((element) => element.contains(document.activeElement)), await focused(page));
  await accessible(page, "dialog");
  await page.keyboard.press("Escape");
  await keepsFocus(page, button, "Escape");
  await page.keyboard.press("Enter");
  await dialog.waitFor();
  return dialog;
}

const button = (within, name) => within.getByRole("button", { name });

test("webhooks", async () => {
  const { address, close } = await receiver();
  const page = await signedIn("gamify:admin", "webhooks");
  await page.getByRole("heading", { level: 1, name: "Webhooks" }).waitFor();
  await press(page, button(page, "New webhook"));
  await reach(page, page.getByLabel("Code", { exact: true }));
  await page.keyboard.type("typed");
  await reach(page, page.getByLabel("Name", { exact: true }));
  await page.keyboard.type("Typed");
  await reach(page, page.getByLabel("Url"));
  await page.keyboard.type(address);
  await press(page, page.getByRole("group", { name: "Types" }).getByLabel("points.awarded"), "Space");
  const creating = await opens(page, button(page, "Apply"));
  await press(page, button(creating, "Create"));
  await page.getByRole("heading", { level: 1, name: "Typed" }).waitFor();
  await page.getByText(/^whsec_/).waitFor();
  await accessible(page, "a new webhook");

  const test = button(page, "Send a test event");
  await press(page, button(await opens(page, test), "Send"));
  await keepsFocus(page, test, "sent");
  const deliveries = page.getByRole("list", { name: "Deliveries" });
  await deliveries.getByText("delivered").first().waitFor();
  const since = button(page, "Send again since …");
  await reach(page, (await opens(page, since)).getByLabel("Since"));
  await page.keyboard.press("Escape");
  await keepsFocus(page, since, "since");
  const secret = button(page, "New secret");
  const replacing = await opens(page, secret);
  await press(page, button(replacing, "Replace the secret"));
  await keepsFocus(page, secret, "replaced");
  await press(page, button(page, "Delivered"), "Space");
  const again = button(page, "Refresh");
  await press(page, again);
  await keepsFocus(page, again, "read again");
  await press(page, deliveries.getByText("1 attempt"));
  await page.getByText(/^Event /).waitFor();
  await accessible(page, "deliveries");
  const repeat = button(page, "Send again: delivery 1");
  await reach(page, repeat, "Shift+Tab");
  await page.keyboard.press("Enter");
  await press(page, button(page.getByRole("dialog"), "Send again"));
  await keepsFocus(page, repeat, "sent again");

  await reach(page, page.getByRole("link", { name: "Edit" }), "Shift+Tab");
  await page.keyboard.press("Enter");
  const deleting = await opens(page, button(page, "Delete"));
  await press(page, button(deleting, "Delete"));
  await press(page, page.getByText("1 deleted webhook"));
  await accessible(page, "webhooks");
  const restoring = await opens(page, button(page, "Restore Typed"));
  await press(page, button(restoring, "Restore"));
  await page.getByRole("link", { name: "Typed" }).waitFor();
  await keepsFocus(page, page.getByRole("heading", { level: 1 }), "the restored row is gone");
  await closed(page);
  close();
});

test("seasons and final results of boards", async () => {
  const made = await call("/admin/projects", { code: "cups", name: "Cups", mode: "test" });
  keys.cups = made.admin_key.key;
  const today = new Date().toISOString().slice(0, 10);
  const cup = { code: "cup", name: "Cup", time_window: "daily", seasons: [{ code: "spring", from: today, to: today }] };
  await callWith(keys.cups, "/admin/leaderboards", cup);
  await callWith(keys.cups, "/points/award", { participant_id: "winner", amount: 30 });
  const page = await signedIn("cups", "boards");
  await page.getByRole("row", { name: /winner 30/ }).waitFor();
  const spring = page.getByRole("combobox", { name: "Window" });
  await reach(page, spring);
  await page.keyboard.type("spring");
  await page.getByText(`1 person on the board, ${today} to ${today}`).waitFor();
  await keepsFocus(page, spring, "another window");
  const result = page.getByLabel("Final result");
  await press(page, result, "Space");
  await page.getByText("There is no result").waitFor();
  await keepsFocus(page, result, "no result");
  await accessible(page, "no result");
  assert.equal(page.problems.length, 1);
  page.problems.length = 0;
  await page.keyboard.press("Space");
  await reach(page, page.getByLabel("Around a person"), "Shift+Tab");
  await page.keyboard.type("winner");
  await page.keyboard.press("Enter");
  await page.locator("tr.marked").waitFor();
  await press(page, page.getByRole("link", { name: "winner" }));
  await page.getByRole("heading", { level: 1, name: "winner" }).waitFor();
  await closed(page);
});

test("codes of a reward", async () => {
  const page = await signedIn("gamify:admin", "rewards");
  await page.getByRole("row", { name: /Coupon/ }).waitFor();
  const upload = button(page, "Upload codes of Coupon");
  const dialog = await opens(page, upload);
  await reach(page, dialog.getByLabel("File"));
  await reach(page, dialog.getByLabel("Codes", { exact: true }));
  await page.keyboard.type("K-1\nK-2");
  await press(page, button(dialog, "Upload"));
  await page.getByText("Added 2 codes.").waitFor();
  await keepsFocus(page, upload, "uploaded");
  await accessible(page, "rewards");
  await closed(page);
});

test("claims in bulk", async () => {
  for (const who of ["key_1", "key_2", "key_3", "key_4"]) await call("/rewards/mug/claim", { participant_id: who });
  const page = await signedIn("gamify:support", "claims");
  const claim = (who) => page.getByRole("checkbox", { name: `Choose the claim of Mug by ${who}` });
  for (const who of ["key_1", "key_2"]) {
    await reach(page, claim(who), who === "key_1" ? "Tab" : "Shift+Tab");
    await page.keyboard.press("Space");
  }
  const fulfil = button(page, /^Fulfil \d+$/);
  await reach(page, fulfil, "Shift+Tab");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await accessible(page, "bulk");
  await page.keyboard.press("Escape");
  await keepsFocus(page, fulfil, "Escape");
  await page.keyboard.press("Enter");
  await press(page, button(dialog, "Mark as fulfilled"));
  await page.getByText("Fulfilled 2 claims.").waitFor();
  await keepsFocus(page, page.getByRole("heading", { level: 1, name: "Claims" }), "nothing is left to fulfil");
  await reach(page, claim("key_3"));
  await page.keyboard.press("Space");
  await reach(page, button(page, "Cancel 1"), "Shift+Tab");
  await page.keyboard.press("Enter");
  await dialog.waitFor();
  await page.keyboard.type("Out of stock");
  await page.keyboard.press("Enter");
  await page.getByText("Cancelled 1 claim.").waitFor();
  const alone = page.getByRole("row", { name: /key_4/ });
  await press(page, button(alone, "Fulfil"));
  await press(page, button(dialog, "Mark as fulfilled"));
  await alone.waitFor({ state: "detached" });
  await keepsFocus(page, page.getByRole("heading", { level: 1, name: "Claims" }), "the row is gone");
  await accessible(page, "claims");
  await closed(page);
});

test("a plan, and a draft", async () => {
  const made = await call("/admin/projects", { code: "typed", name: "Typed", mode: "test" });
  keys.typed = made.admin_key.key;
  const page = await signedIn("typed", "overview");
  await press(page, button(page, /^Learning/), "Space");
  const apply = button(page, /^Apply \d+ changes?$/);
  await apply.waitFor();
  const first = page.getByRole("checkbox").first();
  await press(page, first, "Space");
  assert.equal(await first.isChecked(), false);
  await page.keyboard.press("Space");
  await press(page, page.getByText("Definition", { exact: true }).first());
  await accessible(page, "a plan");
  await press(page, apply);
  await page.getByText(/^Applied \d+ changes\.$/).waitFor();
  await page.getByRole("heading", { name: "Begin with a programme" }).waitFor({ state: "detached" });
  await keepsFocus(page, page.getByRole("heading", { level: 1, name: "Overview" }), "the plan is applied");

  await show(page, "definitions/streaks");
  await press(page, page.getByRole("link", { name: "Daily lesson" }));
  await page.getByLabel("Name", { exact: true }).waitFor();
  await reach(page, page.getByLabel("Name", { exact: true }));
  await page.keyboard.press("End");
  await page.keyboard.type("s");
  const dialog = await opens(page, button(page, "Apply"));
  await press(page, button(dialog, "Apply"));
  await page.getByText("The streak Daily lessons is saved.").waitFor();
  await page.getByText("Nothing is changed yet.").waitFor();
  await keepsFocus(page, page.getByRole("heading", { level: 1, name: "Daily lessons" }), "nothing is left to apply");
  await accessible(page, "a definition");
  await closed(page);
});

/** The console with many people, against a server: LAURELS_URL, LAURELS_KEY, and their number in LAURELS_PEOPLE. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";

const { LAURELS_URL: url, LAURELS_KEY: key, LAURELS_PEOPLE: people } = process.env;
const patience = 2_000;
let browser;
let page;

before(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
  page = await browser.newPage();
  await page.goto(`${url}/console`);
  await page.getByLabel("API key").fill(key);
  await page.keyboard.press("Enter");
  await page.getByText(`${Number(people).toLocaleString("en")} people`).waitFor();
});

after(() => browser?.close());

test("a person is found while the id is typed", async () => {
  await page.getByLabel("Name or id").pressSequentially(`person_${people}`);
  await page.getByRole("link", { name: `person_${people}` }).waitFor({ timeout: patience });
  await page.getByText("1 match").waitFor({ timeout: patience });
  await page.getByLabel("Name or id").fill("");
  await page.getByText(`${Number(people).toLocaleString("en")} people`).waitFor({ timeout: patience });
});

test("long lists are read page by page", async () => {
  await page.getByLabel("Order").selectOption("earned");
  for (const rows of [100, 150, 200]) {
    await page.getByRole("button", { name: "Show more people" }).click();
    await page.waitForFunction((count) => document.querySelectorAll("tbody tr").length === count, rows, { timeout: patience });
  }
  const ids = await page.locator("tbody th code, tbody th a").allTextContents();
  assert.equal(new Set(ids).size, ids.length);
});

test("a board, a person and the figures are there at once", async () => {
  for (const [place, text] of [
    ["boards/top", `${Number(people).toLocaleString("en")} people on the board`],
    [`people/person_${people}`, "History"],
    ["overview", "Points issued"],
  ]) {
    await page.evaluate((to) => (location.hash = `#/${to}`), place);
    await page.getByText(text).first().waitFor({ timeout: patience });
  }
});

/** The console with the people of bench/dataset.py, against a server: LAURELS_URL, LAURELS_KEY, the number of people in
 *  LAURELS_PEOPLE, of those on the board `top` in LAURELS_RANKED, and the milliseconds to wait in LAURELS_PATIENCE. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";

const { LAURELS_URL: url, LAURELS_KEY: key } = process.env;
const people = Number(process.env.LAURELS_PEOPLE);
const ranked = Number(process.env.LAURELS_RANKED);
const patience = Number(process.env.LAURELS_PATIENCE);
const last = `user_${people}`;
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const inWords = (count) => count.toLocaleString("en");
let browser;
let page;

const launched = () => chromium.launch({ executablePath: process.env.CHROMIUM, args: flags });

/** Waits for the list of people, and returns the milliseconds since the page was asked for. */
async function usable(page) {
  const found = await page.waitForFunction(
    () => document.querySelector("input[type=search]") && document.querySelector("tbody tr th a") && performance.now(),
    undefined,
    { polling: "raf" },
  );
  return found.jsonValue();
}

before(async () => {
  browser = await launched();
  page = await browser.newPage();
  await page.goto(`${url}/console`);
  await page.getByLabel("API key").fill(key);
  await page.keyboard.press("Enter");
  await page.getByText(`${inWords(people)} people`).waitFor();
});

after(() => browser?.close());

test("the first screen is there within a second", async () => {
  const state = await page.context().storageState();
  const cold = [];
  const warm = [];
  for (let round = 0; round < 5; round += 1) {
    const other = await launched();
    const first = await (await other.newContext({ storageState: state })).newPage();
    await first.goto(`${url}/console`);
    cold.push(await usable(first));
    await first.reload();
    warm.push(await usable(first));
    await other.close();
  }
  for (const [cache, times] of Object.entries({ cold, warm })) {
    times.sort((one, other) => one - other);
    const [fastest, , median, , slowest] = times.map(Math.round);
    console.log(`First screen, ${cache} cache, ${inWords(people)} people: ${median} ms (${fastest} to ${slowest})`);
    assert.ok(median < patience, `${cache}: ${times}`);
  }
});

test("a person is found while the name or the id is typed", async () => {
  const field = page.getByLabel("Name or id");
  const link = page.getByRole("row", { name: `${last} ` }).getByRole("link");
  const name = await page.evaluate(async (who) => {
    const headers = { "Laurels-Session": "default" };
    const response = await fetch(`../api/v1/gamify/participants/${who}`, { headers });
    return (await response.json()).display_name;
  }, last);
  const lastWords = name.split(" ").slice(1).join(" ");
  for (const typed of [last, name, lastWords.toLowerCase()]) {
    await field.pressSequentially(typed, { delay: 30 });
    await page.getByText("1 match").waitFor({ timeout: patience });
    await link.waitFor({ timeout: patience });
    await field.fill("");
    await page.getByText(`${inWords(people)} people`).waitFor({ timeout: patience });
  }
  await field.pressSequentially("ad", { delay: 30 });
  await page.getByText(/^[\d,]+ matches$/).waitFor({ timeout: patience });
  await field.fill("");
  await page.getByText(`${inWords(people)} people`).waitFor({ timeout: patience });
});

test("every order of a long list is read page by page", async () => {
  for (const order of ["seen", "balance", "earned", "name", "new"]) {
    await page.getByLabel("Order").selectOption(order);
    await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 50, undefined, { timeout: patience });
    for (const rows of [100, 150, 200]) {
      await page.getByRole("button", { name: "Show more people" }).click();
      await page.waitForFunction((count) => document.querySelectorAll("tbody tr").length === count, rows, { timeout: patience });
    }
    const ids = await page.locator("tbody th code").allTextContents();
    assert.equal(new Set(ids).size, 200, order);
  }
});

test("a board, a person and the figures are there at once", async () => {
  for (const [place, text] of [
    ["boards/top", `${inWords(ranked)} people on the board`],
    [`people/${last}`, "History"],
    ["overview", "Points issued"],
  ]) {
    await page.evaluate((to) => (location.hash = `#/${to}`), place);
    await page.getByText(text).first().waitFor({ timeout: patience });
  }
});

test("a long board is read page by page, and a person is found on it", async () => {
  await page.evaluate(() => (location.hash = "#/boards/top"));
  await page.getByText(`${inWords(ranked)} people on the board`).waitFor({ timeout: patience });
  for (const rows of [100, 150, 200]) {
    await page.getByRole("button", { name: "Show more people" }).click();
    await page.waitForFunction((count) => document.querySelectorAll("tbody tr").length === count, rows, { timeout: patience });
  }
  const links = page.locator("tbody th a");
  const addresses = await links.evaluateAll((found) => found.map((each) => each.getAttribute("href")));
  assert.equal(new Set(addresses).size, 200);
  const who = decodeURIComponent(addresses.at(-1).replace("#/people/", ""));
  await page.getByLabel("Around a person").fill(who);
  await page.keyboard.press("Enter");
  await page.locator("tr.marked").waitFor({ timeout: patience });
});

// The table of artifacts is filtered and sorted.
import assert from "node:assert/strict";
import { column, open, report, status, test, verdicts } from "./page.mjs";

test("filters by text, by verdict and by level", async (t) => {
  const { page } = await open(t, "findings");
  const { artifacts, counts, findings } = report("findings");
  assert.equal((await verdicts(page)).length, artifacts.length);

  await page.selectOption("#filter-verdict", "mismatch");
  assert.deepEqual(new Set(await verdicts(page)), new Set(["mismatch"]));
  assert.equal((await verdicts(page)).length, counts.mismatch);
  assert.equal(await status(page), `${counts.mismatch} of ${artifacts.length} artifacts match`);

  await page.selectOption("#filter-verdict", "");
  await page.selectOption("#filter-level", "deny");
  const key = (one) => `${one.module} ${one.version} ${one.artifact}`;
  const denied = new Set(findings.filter((one) => one.level === "deny" && one.module).map(key));
  assert.equal((await verdicts(page)).length, denied.size);
  await page.selectOption("#filter-level", "none");
  const found = new Set(findings.filter((one) => one.module).map(key));
  assert.equal((await verdicts(page)).length, artifacts.length - found.size);

  await page.click("#filter-clear");
  await page.fill("#filter-text", "YAML /v2");
  const expected = artifacts.filter((one) => /yaml.*\/v2/.test(one.module)).map((one) => one.module);
  assert.ok(expected.length > 1);
  assert.deepEqual(await column(page, 0), expected);
  // a hash is found, and so is a reason
  await page.fill("#filter-text", artifacts[10].answers["go.sum"].h1);
  assert.deepEqual(await column(page, 0), [artifacts[10].module]);
  await page.fill("#filter-text", "503 repaired");
  assert.equal((await verdicts(page)).length, 4);
  await page.fill("#filter-text", "nothing of the kind");
  assert.equal(await status(page), `0 of ${artifacts.length} artifacts match`);
});

test("sorts by each column, both ways, and keeps the order of what is alike", async (t) => {
  const { page } = await open(t, "findings");
  const before = await column(page, 0);
  const head = (title) => page.getByRole("columnheader", { name: title, exact: true });

  await head("Verdict").getByRole("button").click();
  assert.equal(await head("Verdict").getAttribute("aria-sort"), "ascending");
  const rank = ["mismatch", "unverified", "allowed", "verified_direct_only", "verified_proxy_only", "verified_both"];
  const ranks = (await verdicts(page)).map((verdict) => rank.indexOf(verdict));
  assert.deepEqual(ranks, ranks.toSorted?.((a, b) => a - b) ?? [...ranks].sort((a, b) => a - b));
  const alike = (await column(page, 0)).filter((_, at) => ranks[at] === 5);
  assert.deepEqual(alike, before.filter((module) => alike.includes(module)));

  await head("Verdict").getByRole("button").click();
  assert.equal(await head("Verdict").getAttribute("aria-sort"), "descending");
  assert.equal((await verdicts(page))[0], "verified_both");

  // versions go by their numbers: v0.8.0 is before v0.12.0
  await head("Version").getByRole("button").click();
  assert.equal(await head("Verdict").getAttribute("aria-sort"), null);
  const versions = (await column(page, 1)).filter((version) => version.startsWith("v0.") && !version.startsWith("v0.0."));
  const minors = versions.map((version) => Number(version.split(".")[1]));
  assert.deepEqual(minors, [...minors].sort((a, b) => a - b));
  await head("Module").getByRole("button").click();
  assert.deepEqual(await column(page, 0), [...before].sort());
  // a filter keeps the order
  await head("Module").getByRole("button").click();
  await page.selectOption("#filter-verdict", "mismatch");
  const modules = await column(page, 0);
  assert.deepEqual(modules, [...modules].sort().reverse());
});

test("a number at the top shows its rows, a mismatch its hashes", async (t) => {
  const { page } = await open(t, "findings");
  await page.locator("a[data-show=unverified]").click();
  assert.equal((await verdicts(page)).length, report("findings").counts.unverified);
  await page.locator("a[data-show=mismatch]").click();
  const row = page.locator("#artifacts tbody tr").nth(3);
  const module = await row.locator("th").textContent();
  await row.getByRole("link", { name: "see" }).click();
  const article = page.locator(await page.evaluate(() => location.hash));
  assert.ok((await article.locator("h3").textContent()).startsWith(module));
  assert.ok(await article.evaluate((node) => node.getBoundingClientRect().top < innerHeight));
});

test("of many rows a part is shown, more when asked for, and all on paper", async (t) => {
  const { page } = await open(t, "large");
  const rows = page.locator("#artifacts tbody tr");
  assert.equal(await rows.count(), 100);
  assert.equal(await status(page), "5,000 artifacts, the first 100 are shown");
  await page.getByRole("button", { name: "Show 100 more" }).click();
  assert.equal(await rows.count(), 200);
  assert.equal(await page.evaluate(() => document.activeElement.closest("tr").rowIndex), 101);
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  assert.equal(await rows.count(), 5000);
  await page.evaluate(() => window.dispatchEvent(new Event("afterprint")));
  assert.equal(await rows.count(), 200);
  await page.getByRole("button", { name: "Show all 5,000" }).click();
  assert.equal(await rows.count(), 5000);
  assert.ok(await page.locator("#more").isHidden());
});

test("without a script all is there to read", async (t) => {
  const { page } = await open(t, "findings", { javaScriptEnabled: false });
  const { artifacts, counts } = report("findings");
  assert.equal(await page.locator("#artifacts tbody tr").count(), artifacts.length);
  assert.equal(await page.locator("article").count(), counts.mismatch);
  assert.ok(await page.locator(".controls").isHidden());
  const told = page.getByText("takes the script of this page");
  await told.scrollIntoViewIfNeeded();
  assert.ok(await told.isVisible());
});

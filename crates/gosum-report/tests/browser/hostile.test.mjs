// Whatever a report quotes is text.
import assert from "node:assert/strict";
import { open, report, test } from "./page.mjs";

test("nothing of a hostile report runs, is fetched, or breaks the policy", async (t) => {
  const { page, seen } = await open(t, "hostile");
  await page.locator("summary").evaluateAll((all) => all.forEach((one) => one.click()));
  await page.locator("a[data-show]").first().click();
  await page.locator("#filter-text").fill("<script>");
  for (const head of await page.locator("#artifacts thead button").all()) await head.click();
  // a link that must not be one would be followed now
  for (const url of await page.locator("span.url").all()) if (await url.isVisible()) await url.click();
  await page.waitForTimeout(200);
  assert.equal(await page.evaluate(() => window.evil), undefined);
  assert.deepEqual(seen, { requests: [], violations: [], logged: [], dialogs: [] });
});

test("what it quotes is there to read, spelled out", async (t) => {
  const { page } = await open(t, "hostile");
  const text = await page.locator("main").textContent();
  for (const part of ["<script>window.evil=1</script>", "\\u{202e}", "\\u{1b}[2J", "&lt;b&gt;", "javascript:window.evil=6"]) {
    assert.ok(text.includes(part), part);
  }
  assert.equal(await page.locator("main :is(script, img, svg, iframe, style, base, form)").count(), 0);
  const links = await page.locator("a").evaluateAll((all) => all.map((a) => [a.protocol, a.host, a.rel]));
  for (const [protocol, host, rel] of links) {
    if (protocol === "file:") continue; // within the page
    assert.equal(protocol, "https:");
    assert.ok(["git.example", "forge.example", "proxy.example"].includes(host), host);
    assert.match(rel, /noreferrer/);
  }
});

test("the policy stops a script and a style that are not the page's", async (t) => {
  const { page, seen } = await open(t, "clean");
  const stoppedRequest = page.waitForEvent("requestfailed");
  await page.evaluate(() => {
    const script = document.createElement("script");
    // what may only hold trusted text takes none
    try {
      script.textContent = "window.evil = 1";
    } catch {
      window.refused = true;
    }
    document.body.append(script);
    const style = document.createElement("style");
    style.textContent = "body { display: none }";
    document.head.append(style);
    const image = document.createElement("img");
    image.src = "https://evil.example/";
    document.body.append(image);
    document.body.setAttribute("style", "display: none");
  });
  await page.waitForTimeout(200);
  const stopped = seen.violations.map((violation) => violation.split(" ")[0]).sort();
  assert.deepEqual([...new Set(stopped)], ["img-src", "require-trusted-types-for", "style-src-attr", "style-src-elem"]);
  assert.deepEqual(await page.evaluate(() => [window.refused, window.evil]), [true, undefined]);
  assert.equal((await stoppedRequest).failure().errorText, "csp");
  assert.ok(await page.locator("h1").isVisible());
});

test("each page shows the numbers of its JSON", async (t) => {
  for (const name of ["clean", "findings", "large", "hostile"]) {
    const { page, seen } = await open(t, name);
    // what could not be told is a number for programs: lines of it have other verdicts
    const { counts: { untold: _, ...counts }, artifacts } = report(name);
    const shown = await page.locator("[data-count]").evaluateAll((all) => all.map((one) => [one.dataset.count, Number(one.textContent)]));
    assert.deepEqual(Object.fromEntries(shown), counts, name);
    assert.match(await page.locator("#filter-shown").textContent(), new RegExp(`^${artifacts.length.toLocaleString("en")} artifact`));
    assert.deepEqual(seen, { requests: [], violations: [], logged: [], dialogs: [] }, name);
  }
});

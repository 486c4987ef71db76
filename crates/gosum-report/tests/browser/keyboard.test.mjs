// Everything can be reached and used without a mouse, and heard.
import assert from "node:assert/strict";
import { open, report, status, test, verdicts } from "./page.mjs";

// Where the focus is, in short.
const focus = (page) =>
  page.evaluate(() => {
    const at = document.activeElement;
    const name = at.id || at.getAttribute("aria-labelledby") || at.textContent.trim();
    return `${at.localName} ${name}`.slice(0, 60);
  });

test("the keyboard reaches the filter, the titles of columns, and what is folded, in this order of the page", async (t) => {
  const { page } = await open(t, "findings");
  const walk = [];
  for (let step = 0; step < 500; step += 1) {
    await page.keyboard.press("Tab");
    const at = await focus(page);
    if (at.startsWith("body")) break;
    walk.push(at);
    const visible = await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    });
    assert.ok(visible, `the focus on ${at} can be seen`);
  }
  assert.deepEqual(walk.slice(0, 2), ["a Skip to the report", "a Skip to the artifacts"]);
  const order = [
    "a mismatch", "a Sources", "div sources-title", "summary deny", "summary direct", "div allowed-title", "div difference-title",
    "input filter-text", "select filter-verdict", "select filter-level", "button filter-clear", "div artifacts-title",
    "button Module", "button Version", "button Verdict", "button Line",
  ];
  const places = order.map((start) => walk.findIndex((at) => at.startsWith(start)));
  assert.ok(places.every((place) => place >= 0), `${order.map((start, at) => `${start}: ${places[at]}`)}`);
  assert.deepEqual(places, [...places].sort((a, b) => a - b));
});

test("Enter skips, folds and sorts; Escape clears", async (t) => {
  const { page } = await open(t, "findings");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => location.hash), "#artifacts");
  await page.keyboard.press("Tab");
  assert.equal(await focus(page), "input filter-text");
  await page.keyboard.type("colors");
  const { artifacts } = report("findings");
  const some = artifacts.filter((one) => one.module.includes("colors")).length;
  assert.equal((await verdicts(page)).length, some);
  await page.keyboard.press("Tab");
  await page.keyboard.type("mism");
  assert.ok((await verdicts(page)).every((verdict) => verdict === "mismatch"));
  for (const _ of ["level", "clear", "region", "module"]) await page.keyboard.press("Tab");
  assert.match(await focus(page), /^button Module/);
  const head = page.locator("#artifacts th").first();
  await page.keyboard.press("Enter");
  assert.equal(await head.getAttribute("aria-sort"), "ascending");
  await page.keyboard.press("Space");
  assert.equal(await head.getAttribute("aria-sort"), "descending");
  assert.match(await focus(page), /^button Module/);
  await page.keyboard.press("Escape");
  assert.equal(await focus(page), "input filter-text");
  assert.equal(await page.inputValue("#filter-text"), "");
  assert.equal(await page.inputValue("#filter-verdict"), "");
  assert.equal(await status(page), `${artifacts.length} artifacts`);

  const fold = page.locator("#unverified details").first();
  await fold.locator("summary").focus();
  await page.keyboard.press("Enter");
  assert.ok(await fold.evaluate((node) => node.open));
  assert.ok(await fold.locator("li").first().isVisible());
});

test("what is heard has names, and the count is told", async (t) => {
  const { page } = await open(t, "findings");
  for (const [role, name] of [
    ["heading", "mismatch"], ["navigation", "Parts of the report"], ["search", "Filter artifacts"], ["searchbox", "Filter"],
    ["combobox", "Verdict"], ["combobox", "Level of findings"], ["region", "Mismatches"], ["region", "Unverified"],
  ]) {
    assert.ok(await page.getByRole(role, { name, exact: true }).count() >= 1, `${role} ${name}`);
  }
  assert.equal(await page.locator("[role=status]").count(), 1);
  assert.equal(await page.locator("h1").count(), 1);
  assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
  // no heading skips a level
  const levels = await page.locator("h1, h2, h3, h4").evaluateAll((all) => all.map((one) => Number(one.localName[1])));
  levels.forEach((level, at) => assert.ok(at === 0 || level <= levels[at - 1] + 1, `heading ${at}`));
  const unnamed = await page.locator("button, a, input, select, summary").evaluateAll((all) =>
    all.filter((one) => !(one.textContent.trim() || one.labels?.length)).length);
  assert.equal(unnamed, 0);
});

// The least contrast of any text with what is behind it, and where.
const contrast = () => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (color) => {
    const [r, g, b] = color.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const color = rgb(getComputedStyle(at).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let worst = { ratio: 21, where: "" };
  let count = 0;
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.textContent.trim() || node.closest("script, noscript, option, .skip") || !node.checkVisibility()) continue;
    count += 1;
    const [a, b] = [light(rgb(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst.ratio) worst = { ratio, where: `${node.localName}.${node.className}: ${node.textContent.slice(0, 40)}` };
  }
  return { ...worst, count };
};

test("text can be read, by day and by night", async (t) => {
  for (const colorScheme of ["light", "dark"]) {
    const { page } = await open(t, "findings", { colorScheme });
    await page.locator("details").evaluateAll((all) => all.forEach((one) => (one.open = true)));
    const { ratio, where, count } = await page.evaluate(contrast);
    t.diagnostic(`${colorScheme}: the least contrast of ${count} texts is ${ratio.toFixed(2)}, of ${where}`);
    assert.ok(count > 500);
    assert.ok(ratio >= 4.5, `${colorScheme}: ${ratio} ${where}`);
  }
});

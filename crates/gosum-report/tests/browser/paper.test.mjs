// On paper all is there, and nothing that only a screen needs. GOSUM_PICTURES=DIR keeps pictures to look at.
import assert from "node:assert/strict";
import { join } from "node:path";
import { open, pictures, report, test } from "./page.mjs";

test("what is folded on the screen is open on paper, and controls are not there", async (t) => {
  const { page } = await open(t, "findings");
  await page.emulateMedia({ media: "print" });
  for (const selector of ["nav", ".controls", "#more", ".skip"]) {
    for (const one of await page.locator(selector).all()) assert.ok(await one.isHidden(), selector);
  }
  const folds = page.locator("details:not([open]) li");
  assert.ok(await folds.count() > 0);
  for (const item of await folds.all()) {
    assert.ok(await item.evaluate((node) => node.getBoundingClientRect().height > 0 && node.checkVisibility()));
  }
  // a hash is printed whole
  const cut = await page.locator("#artifacts code.sum").evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0).length);
  assert.equal(cut, 0);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0);
  await page.evaluate(() => addEventListener("beforeprint", () => (window.printed = [
    document.querySelectorAll("#artifacts tbody tr").length, document.querySelectorAll("#artifacts thead button").length,
  ])));
  const pdf = await page.pdf({ format: "A4", landscape: true, path: pictures && join(pictures, "findings.pdf"), margin: { top: "1cm", bottom: "1cm", left: "1cm", right: "1cm" } });
  assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
  assert.deepEqual(await page.evaluate(() => window.printed), [report("findings").artifacts.length, 0]);
  assert.equal(await page.locator("#artifacts thead button").count(), 10);
});

test("nothing is wider than a small screen", async (t) => {
  for (const name of ["findings", "hostile"]) {
    const { page } = await open(t, name, { viewport: { width: 360, height: 700 } });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wide, 0, name);
  }
});

test("pictures", async (t) => {
  if (!pictures) return t.skip("GOSUM_PICTURES names no folder");
  const wide = { width: 1440, height: 1200 };
  for (const [name, colorScheme, viewport] of [
    ["findings", "light", wide], ["findings", "dark", wide], ["clean", "light", wide], ["hostile", "dark", wide],
    ["findings", "light", { width: 390, height: 800 }],
  ]) {
    const { page } = await open(t, name, { colorScheme, viewport });
    const picture = (part) => page.screenshot({ path: join(pictures, `${name}-${colorScheme}-${viewport.width}-${part}.png`) });
    await picture("top");
    for (const id of ["mismatches", "findings", "unverified", "difference", "artifacts"]) {
      if (!(await page.locator(`#${id}`).count())) continue;
      await page.evaluate((id) => document.getElementById(id).scrollIntoView(), id);
      await picture(id);
    }
  }
});

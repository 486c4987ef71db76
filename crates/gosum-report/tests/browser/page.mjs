// Opens the pages that the tests are about, and sees to it that nothing else is asked for.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, test as run } from "node:test";
import { chromium } from "playwright-core";

const folder = process.env.GOSUM_PAGES;
if (!folder) throw new Error("GOSUM_PAGES names the folder with the pages");

export const report = (name) => JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));

// where pictures go; none are taken when it is not named
export const pictures = process.env.GOSUM_PICTURES;

// One test. What takes a minute hangs.
export const test = (name, body, options = {}) => run(name, { timeout: 60_000, ...options }, body);

let browser;
before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    // a test in a container is root's, for whom the sandbox does not work
    args: ["--no-sandbox", "--disable-gpu"],
  });
});
after(() => browser?.close());

// Opens a page. What it asks for beside itself, what breaks its policy and what it logs is noted.
export async function open(t, name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: "reduce", ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  const url = pathToFileURL(join(folder, `${name}.html`)).href;
  const seen = { requests: [], violations: [], logged: [], dialogs: [] };
  page.on("request", (request) => {
    if (request.url() !== url) seen.requests.push(request.url());
  });
  page.on("console", (message) => seen.logged.push(message.text()));
  page.on("pageerror", (error) => seen.logged.push(String(error)));
  page.on("dialog", (dialog) => {
    seen.dialogs.push(dialog.message());
    dialog.dismiss();
  });
  if (options.javaScriptEnabled !== false) {
    await page.exposeFunction("noteViolation", (what) => seen.violations.push(what));
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) =>
        window.noteViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
    });
  }
  await page.goto(url, { waitUntil: "load" });
  return { page, seen };
}

// The verdicts of the rows that are shown.
export const verdicts = (page) =>
  page.locator("#artifacts tbody tr").evaluateAll((rows) => rows.map((row) => row.dataset.verdict));

// The texts of a column, from 0, of the rows that are shown.
export const column = (page, at) =>
  page.locator("#artifacts tbody tr").evaluateAll((rows, at) => rows.map((row) => row.cells[at].textContent), at);

export const status = (page) => page.locator("#filter-shown").textContent();

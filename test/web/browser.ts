import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";

/** Debian's own; nothing is downloaded. Undefined where there is none. */
export const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
if (CHROMIUM === undefined)
  console.warn("No Chromium on this machine: the pages are not tried in a browser.");

export const PHONE = { width: 390, height: 844 };

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM ?? "", args: ["--no-sandbox"] });

/** Waits as long as a busy machine may take. */
export const openContext = async (
  browser: Browser,
  options: BrowserContextOptions,
): Promise<BrowserContext> => {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(90_000);
  return context;
};

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** What axe objects to on a page, by the rules of WCAG 2.2 AA and good practice. */
export const axeProblems = async (page: Page): Promise<readonly string[]> => {
  // axe comes in by the debugger's door: the policy of the pages lets no script in.
  await page.evaluate(await readFile(AXE, "utf8"));
  const found =
    await page.evaluate(`axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map((node) => id + " " + node.html.slice(0, 120))))`);
  return found as readonly string[];
};

/** Empty unless one has to scroll sideways. */
export const tooWide = async (page: Page): Promise<readonly string[]> => {
  const wide = Number(await page.evaluate("document.documentElement.scrollWidth"));
  const width = page.viewportSize()?.width ?? wide;
  return wide > width ? [`${page.url()} is ${wide} wide`] : [];
};

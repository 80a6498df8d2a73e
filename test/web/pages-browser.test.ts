import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { sql } from "kysely";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { A, openPagesStage, type PagesStage, SECRET } from "./pages-stage.ts";

// Debian's own; nothing is downloaded.
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
if (CHROMIUM === undefined)
  console.warn("No Chromium on this machine: the pages are not tried in a browser.");
/** `SCREENSHOTS=1` writes those of the documentation again. */
const WITH_PICTURES = process.env["SCREENSHOTS"] === "1";

const PAGES = {
  overview: "/",
  workspace: `/workspaces/${encodeURIComponent(A)}`,
  findings: "/findings",
  finding: "/findings/1",
  runs: "/runs",
  run: "/runs/run_b",
  queue: "/queue",
  policies: "/policies",
  audit: "/audit",
  evidence: "/evidence",
  settings: "/settings",
  numbers: "/numbers?weeks=4",
};
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 800 };
const SHOTS = [
  ["overview", "light", DESK],
  ["overview", "dark", PHONE],
  ["finding", "light", DESK],
  ["finding", "dark", PHONE],
  ["workspace", "dark", DESK],
  ["run", "light", DESK],
  ["numbers", "light", DESK],
  ["numbers", "dark", PHONE],
] as const;

/** Something to draw: four weeks of drift that ended, and of runs. */
const fillWeeks = async ({ database: { kysely } }: PagesStage): Promise<void> => {
  const day = sql`timestamptz '2026-02-02' + n * interval '1 day'`;
  await sql`insert into findings (workspace, fingerprint, address, path, cause, recorded, actual, desired, sensitive,
      opened_at, last_seen_at, proposed_at, ended_at, why)
    select ${A}, 'f' || n, 'cloud_box.main', 'size', 'console', '1', '2', '1', false, ${day}, ${day},
      ${day} + n * interval '20 seconds', ${day} + (40 - n) * interval '10 minutes',
      case when n % 5 = 0 then 'ignored' else 'formalized' end
    from generate_series(1, 26) as n where n % 7 < 5 - n / 9`.execute(kysely);
  await sql`insert into runs (id, workspace, kind, state, trigger, requested_by, result, created_at, started_at, ended_at)
    select 'run_' || kind || n, ${A}, kind, case when n % 11 = 3 then 'failed' else 'succeeded' end, 'event', 'ann', '{}',
      ${day}, ${day}, ${day} + (n % 13 + 20) * (case when kind = 'plan' then 1 else 3 end) * interval '1 second'
    from generate_series(1, 26) as n, unnest(array['plan', 'apply']) as kind`.execute(kysely);
};

describe.skipIf(CHROMIUM === undefined)("in a browser", { timeout: 120_000 }, () => {
  let stage: PagesStage;
  let browser: Browser;
  let url: string;
  let axe: string;
  beforeAll(async () => {
    stage = await openPagesStage();
    url = await stage.app.listen({ host: "127.0.0.1", port: 0 });
    axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    browser = await chromium.launch({ executablePath: CHROMIUM ?? "", args: ["--no-sandbox"] });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const opened = async (
    look: { readonly colorScheme: "light" | "dark"; readonly viewport: typeof PHONE },
    token = "admin",
  ): Promise<{ readonly context: BrowserContext; readonly page: Page }> => {
    // axe comes in by the debugger's door: the policy of the pages lets no script in.
    const context = await browser.newContext({ ...look, baseURL: url, javaScriptEnabled: true });
    const page = await context.newPage();
    await page.goto("/");
    await page.getByLabel("API token").fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Workspaces" }).waitFor();
    return { context, page };
  };

  const problemsOf = async (page: Page): Promise<readonly string[]> => {
    await page.evaluate(axe);
    const found =
      await page.evaluate(`axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] })
      .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map((node) => id + " " + node.html.slice(0, 120))))`);
    return found as readonly string[];
  };

  test.each(["light", "dark"] as const)(
    "axe finds nothing on any page, %s, and no page is wider than a telephone",
    async (colorScheme) => {
      const { context, page } = await opened({ colorScheme, viewport: PHONE });
      const problems: string[] = [];
      for (const [name, path] of Object.entries(PAGES)) {
        await page.setViewportSize(PHONE);
        await page.goto(path);
        const wide = await page.evaluate("document.documentElement.scrollWidth");
        if (Number(wide) > PHONE.width) problems.push(`${name} is ${wide} wide`);
        problems.push(...(await problemsOf(page)).map((one) => `${name} at 390: ${one}`));
        await page.setViewportSize(DESK);
        problems.push(...(await problemsOf(page)).map((one) => `${name} at 1280: ${one}`));
      }
      expect(problems).toEqual([]);
      await context.close();
    },
  );

  test.skipIf(!WITH_PICTURES)("pictures for the documentation", async () => {
    const calm = await openPagesStage({
      ...{ address: "cloud_bucket.invoices", path: "acl", was: "private", is: "public-read" },
    });
    await fillWeeks(calm);
    url = await calm.app.listen({ host: "127.0.0.1", port: 0 });
    for (const [name, colorScheme, viewport] of SHOTS) {
      const { context, page } = await opened({ colorScheme, viewport });
      await page.goto(PAGES[name]);
      const path = `docs/screenshots/${name}-${viewport.width}-${colorScheme}.png`;
      await page.screenshot({ path, fullPage: name === "numbers" });
      await context.close();
    }
    url = String(stage.app.listeningOrigin);
    await calm.close();
  });

  test("the log of a run grows before the eyes, survives a lost connection once, and is searched", async () => {
    const at = new Date("2026-03-01T13:00:00Z");
    const run = { workspace: A, kind: "plan", pull: null, head: "h", base: "b", trigger: "x" } as const;
    await stage.ledger.runs.create({ ...run, id: "run_live", requestedBy: "ann", createdAt: at });
    const lease = await stage.ledger.leases.acquire(A, "run_live", "host", new Date(), 600_000);
    const token = "token" in lease ? lease.token : 0;
    await stage.ledger.runs.transition("run_live", { from: ["queued"], to: "running", token, at });
    await stage.logGrows("run_live", "== init\nready\n");
    const { context, page } = await opened({ colorScheme: "dark", viewport: PHONE });
    const strange: string[] = [];
    page.on("console", (message) => strange.push(message.text()));
    page.on("pageerror", (error) => strange.push(error.message));
    await page.goto("/runs/run_live");
    await page.getByText("Followed as it grows.").waitFor();
    await stage.logGrows("run_live", `== plan\n\u001b[31mred\u001b[0m <img src=x onerror=alert(1)>\n`);
    const line = page.locator(".l", { hasText: "<img src=x" });
    await line.waitFor();
    expect(await line.locator(".c1").textContent()).toBe("red");
    expect(await page.evaluate("[...document.querySelectorAll('details')].map((one) => one.open)")).toEqual([
      false,
      true,
    ]);
    stage.app.server.closeAllConnections();
    await page.getByText("Trying again").waitFor();
    await stage.logGrows("run_live", `${SECRET} once\nlast\n`);
    await page.locator(".l", { hasText: "last" }).waitFor();
    expect(await page.locator(".l").allTextContents()).toEqual([
      ...["ready", "red <img src=x onerror=alert(1)>", "(redacted) once", "last"],
    ]);
    expect(await problemsOf(page)).toEqual([]);
    expect(Number(await page.evaluate("document.documentElement.scrollWidth"))).toBeLessThanOrEqual(
      PHONE.width,
    );
    await page.getByLabel("Search in what is shown").fill("READY");
    await page.getByText("1 of 4 lines").waitFor();
    expect(await page.locator(".l:visible").allTextContents()).toEqual(["ready"]);
    const end = { from: ["running"], to: "succeeded", token, at } as const;
    await stage.ledger.runs.transition("run_live", end);
    await page.getByText("The run has ended: succeeded.").waitFor();
    await page.getByRole("link", { name: "Load the page again" }).click();
    await page.locator("dd", { hasText: "succeeded" }).waitFor();
    expect(strange.filter((text) => !text.includes("net::ERR"))).toEqual([]);
    await context.close();
  });

  test("at 2 AM: from the overview to formalized by clicks, on a telephone", async () => {
    const { context, page } = await opened({ colorScheme: "dark", viewport: PHONE });
    await page.getByRole("link", { name: /drifted/ }).click();
    await page.getByRole("link", { name: "1 open" }).click();
    await page.getByRole("link", { name: /cloud_box/ }).click();
    expect(await page.getByText("Somebody changed it outside of Git.").isVisible()).toBe(true);
    await page.getByRole("button", { name: "Formalize" }).click();
    await page.getByText("taken in").waitFor();
    expect(stage.done.splice(0)).toEqual([`token:admin formalize ${A} ["cloud_box.<i>a</i>.size"]`]);
    await page.getByRole("link", { name: "Back to the workspace" }).click();
    await page.getByRole("heading", { level: 1, name: A }).waitFor();
    await context.close();
  });

  test("at 2 AM: the same by keyboard alone, and what has the focus is seen", async () => {
    const { context, page } = await opened({ colorScheme: "light", viewport: DESK });
    await page.goto("/findings");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter"); // to the content
    await tabTo(page, /^cloud_box/);
    const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
    expect(outline).toBe("solid");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/findings/1");
    await tabTo(page, /^Formalize$/);
    await page.keyboard.press("Enter");
    await page.getByText("taken in").waitFor();
    expect(stage.done.splice(0)).toEqual([`token:admin formalize ${A} ["cloud_box.<i>a</i>.size"]`]);
    await context.close();
  });

  test("everything is read and done without JavaScript", async () => {
    const context = await browser.newContext({ baseURL: url, javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto("/findings/1");
    await page.getByLabel("API token").fill("admin");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.waitForURL("**/findings/1");
    await page.getByRole("button", { name: "Revert" }).click();
    await page.getByText("taken in").waitFor();
    expect(stage.done.splice(0)[0]).toContain("revert");
    await context.close();
  });
});

/** Presses Tab until that has the focus; nobody presses it sixty times. */
const tabTo = async (page: Page, name: RegExp): Promise<void> => {
  for (let pressed = 0; pressed < 60; pressed += 1) {
    await page.keyboard.press("Tab");
    const text = await page.evaluate("document.activeElement.textContent.trim()");
    if (name.test(String(text))) return;
  }
  throw new Error(`Tab does not lead to ${name}.`);
};

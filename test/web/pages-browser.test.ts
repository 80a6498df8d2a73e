import { sql } from "kysely";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { axeProblems, CHROMIUM, openBrowser, openContext, PHONE, tooWide } from "./browser.ts";
import { keyboard } from "./hands.ts";
import { A, B, openPagesStage, type PagesStage, SECRET } from "./pages-stage.ts";

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
    select 'run_' || md5(kind || n), ${A}, kind, case when n % 11 = 3 then 'failed' else 'succeeded' end, 'event', 'ann', '{}',
      ${day}, ${day}, ${day} + (n % 13 + 20) * (case when kind = 'plan' then 1 else 3 end) * interval '1 second'
    from generate_series(1, 26) as n, unnest(array['plan', 'apply']) as kind`.execute(kysely);
};

describe.skipIf(CHROMIUM === undefined)("in a browser", { timeout: 240_000 }, () => {
  let stage: PagesStage;
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    stage = await openPagesStage();
    url = await stage.app.listen({ host: "127.0.0.1", port: 0 });
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const opened = async (
    look: { readonly colorScheme: "light" | "dark"; readonly viewport: typeof PHONE },
    token = "admin",
  ): Promise<{ readonly context: BrowserContext; readonly page: Page }> => {
    const context = await openContext(browser, { ...look, baseURL: url, javaScriptEnabled: true });
    const page = await context.newPage();
    await page.goto("/");
    await page.getByLabel("API token").fill(token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Workspaces" }).waitFor();
    return { context, page };
  };

  test.each(["light", "dark"] as const)(
    "axe finds nothing on any page, %s, and no page is wider than a telephone",
    async (colorScheme) => {
      const { context, page } = await opened({ colorScheme, viewport: PHONE });
      const problems: string[] = [];
      for (const [name, path] of Object.entries(PAGES)) {
        await page.setViewportSize(PHONE);
        await page.goto(path);
        problems.push(...(await tooWide(page)));
        problems.push(...(await axeProblems(page)).map((one) => `${name} at 390: ${one}`));
        await page.setViewportSize(DESK);
        problems.push(...(await axeProblems(page)).map((one) => `${name} at 1280: ${one}`));
      }
      expect(problems).toEqual([]);
      await context.close();
    },
  );

  test("the first screen of a telephone says what is wrong, how bad, since when, whose it is, and ends it", async () => {
    const { context, page } = await opened({ colorScheme: "dark", viewport: PHONE });
    await page.goto("/findings/1");
    const all = [
      page.getByRole("heading", { level: 1 }),
      page.getByText("critical"),
      page.getByText("By noor"),
      page.getByText("2 h ago").first(),
      page.getByText("@acme/net").first(),
      page.getByRole("link", { name: A }).first(),
      page.getByRole("button", { name: "Formalize", exact: true }),
      page.getByRole("button", { name: "Revert" }),
      page.getByText("(redacted)").first(),
    ];
    for (const one of all) {
      const box = await one.boundingBox();
      expect(box && box.y + box.height, String(one)).toBeLessThanOrEqual(PHONE.height);
    }
    await context.close();
  });

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
    expect(await axeProblems(page)).toEqual([]);
    expect(await tooWide(page)).toEqual([]);
    await page.getByLabel("Search the log").fill("READY");
    await page.getByText("1 of 4 lines").waitFor();
    expect(await page.locator(".l:visible").allTextContents()).toEqual(["ready"]);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "1 line with “READY”" }).waitFor();
    expect(await page.locator("mark").allTextContents()).toEqual(["ready"]);
    expect(await axeProblems(page)).toEqual([]);
    await page.getByRole("link", { name: "Line 2" }).click();
    await page.waitForURL("**/runs/run_live?q=READY&from=8#log");
    const end = { from: ["running"], to: "succeeded", token, at } as const;
    await stage.ledger.runs.transition("run_live", end);
    await page.getByText("The run has ended: succeeded.").waitFor();
    await page.getByRole("link", { name: "Load the page again" }).click();
    await page.locator("dd", { hasText: "succeeded" }).waitFor();
    expect(strange.filter((text) => !text.includes("net::ERR"))).toEqual([]);
    await context.close();
  });

  test("all that may be done in a night, on a telephone, by keyboard alone", async () => {
    const context = await openContext(browser, { colorScheme: "light", viewport: PHONE, baseURL: url });
    const page = await context.newPage();
    const hands = keyboard(page);
    const problems: string[] = [];
    const stand = async (heading: string | RegExp): Promise<void> => {
      await page.getByRole("heading", { level: 1, name: heading }).waitFor();
      problems.push(...(await tooWide(page)));
      // All others have been tried by their addresses.
      if (/^(Sign in|Asked|There is no)/.test(String(heading)))
        problems.push(...(await axeProblems(page)).map((one) => `${page.url()}: ${one}`));
    };
    await page.goto("/drift/1/formalize");
    await stand("Sign in");
    await hands.fill("API token", "admin");
    await hands.press("Sign in");
    await stand(/cloud_box/);
    expect(new URL(page.url()).hash).toBe("#formalize");
    for (const text of ["Somebody changed it outside of Git.", "2 h ago", "noor at 2026-03-01 11:58 UTC"])
      expect(await page.getByText(text).first().isVisible(), text).toBe(true);
    await hands.fill("Reason to snooze", "I am on it");
    await hands.press("Snooze");
    await stand("Asked: snooze");
    await hands.press("Back to the finding");
    await stand(/cloud_box/);
    expect(await page.getByText("I am on it").first().isVisible()).toBe(true);
    await hands.press("Revert");
    await stand("Asked: revert");
    await hands.press("Back to the workspace");
    await stand(A);
    await hands.press(/^drift .*run_a$/);
    await stand(/^drift/);
    await hands.press("Workspaces");
    await stand("Workspaces");
    await hands.fill("Search", "data");
    await hands.press("Show");
    await page.waitForURL("**/?search=data**");
    await hands.press(B);
    await stand(B);
    await hands.press(/^apply .*run_b$/);
    await stand(/^apply/);
    expect(await page.getByText("Ask an owner for a review.").isVisible()).toBe(true);
    await hands.press(/module\.net/);
    expect(await page.getByText("cloud_box.small").first().isVisible()).toBe(false);
    await hands.press("Drift");
    await stand("Drift");
    await hands.press(/^cloud_box/);
    await stand(/cloud_box/);
    await hands.press("Formalize");
    await stand("Asked: formalize");
    await hands.press("Settings");
    await stand("Settings in force");
    await hands.fill("Reason", "a bad night");
    await hands.press("Freeze everything");
    await stand("Asked: freeze");
    await page.goto("/nothing");
    await stand("There is no such page");
    await hands.press("Sign out");
    await stand("Sign in");
    expect(stage.done.splice(0)).toEqual([
      ...[
        `token:admin revert ${A} ["cloud_box.<i>a</i>"]`,
        `token:admin formalize ${A} []`,
        "token:admin freeze * a bad night",
      ],
    ]);
    expect(problems).toEqual([]);
    await context.close();
  });

  test("everything is read and done without JavaScript", async () => {
    const context = await openContext(browser, { baseURL: url, javaScriptEnabled: false });
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

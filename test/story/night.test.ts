import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { consoleLogOf } from "../../demo/cloud/account.ts";
import { freePort } from "../contract/free-port.ts";
import { axeProblems, CHROMIUM, openBrowser, openContext, PHONE, tooWide } from "../web/browser.ts";
import { keyboard, pointer } from "../web/hands.ts";
import { type IdentityProvider, startIdentityProvider } from "../web/identity-provider.ts";
import type { SmallStage, TestRepo } from "./small-stage.ts";
import { openDriftStage, topicCode } from "./topic-code.ts";

const ADMIN = `plb_${"a".repeat(40)}`;

// The night of whoever is on call, with every part real: engine, ledger, forge, alerts, identity provider, browser.
describe.skipIf(CHROMIUM === undefined)("2 AM in a browser", { timeout: 240_000 }, () => {
  let stage: SmallStage;
  let repo: TestRepo;
  let provider: IdentityProvider;
  let browser: Browser;
  let url: string;
  const problems: string[] = [];

  beforeAll(async () => {
    provider = await startIdentityProvider();
    provider.claims = { email: "dana@acme.example", email_verified: true, groups: ["on-call"] };
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    stage = await openDriftStage(5, ({ engine }) => ({
      publicUrl: url,
      actors: {
        file: { path: consoleLogOf(engine.planEnv["DEMOCLOUD_ACCOUNT_FILE"] ?? ""), ownPrincipals: [] },
      },
      listen: { host: "127.0.0.1", port },
      access: {
        oidc: {
          ...{ issuer: provider.issuer, clientId: "plumbline", clientSecret: "s3cret" },
          ...{ scopes: ["openid"], groupsClaim: "groups" },
        },
        adminToken: ADMIN,
        grants: [{ role: "approver", groups: ["on-call"], people: [], workspaces: ["acme/*"] }],
        sessionSeconds: 3600,
      },
    }));
    repo = await stage.repo(
      "night",
      { "orders/main.tf": topicCode("orders", 1000), "mails/main.tf": topicCode("mails", 1000) },
      { applied: ["orders", "mails"] },
    );
    for (const name of ["orders", "mails"])
      stage.cloud.set("kafka_topic", name, { config: { "segment.ms": "2000" } }, "noor");
    await repo.look("orders", "mails");
    browser = await openBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
    await provider?.close();
  });

  /** Where a button of the alert about a root leads. */
  const linkTo = (dir: string, label: string): string => {
    const alerts = stage.alerts.flatMap(({ alerts: all }) => all);
    const links = alerts.find(({ workspace }) => workspace === repo.key(dir))?.links ?? [];
    return (
      links.find((link) => link.label === label)?.url ?? `no ${label} in ${JSON.stringify(stage.alerts)}`
    );
  };
  const eventsOf = (dir: string): readonly string[] =>
    stage.alerts
      .filter(({ alerts }) => alerts.some(({ workspace }) => workspace === repo.key(dir)))
      .map(({ event }) => event);
  const retentionOf = (name: string): unknown => {
    const topic = stage.cloud.read().resources["kafka_topic"]?.[name];
    return (topic?.["config"] as Record<string, unknown> | undefined)?.["segment.ms"];
  };
  const stands = async (page: Page, heading: string | RegExp): Promise<void> => {
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    problems.push(...(await tooWide(page)), ...(await axeProblems(page)));
  };

  test("by clicks: the alert's link, the organisation's sign-in, Formalize, and it is over", async () => {
    const page = await (await openContext(browser, { colorScheme: "dark", viewport: PHONE })).newPage();
    const hands = pointer(page);
    const said = await page.goto(linkTo("orders", "Formalize"));
    expect(said?.status()).toBe(401);
    await stands(page, "Sign in");
    await hands.press("Sign in with your organisation");
    await stands(page, /kafka_topic\.it/);
    expect(new URL(page.url()).hash).toBe("#formalize");
    for (const text of ["console", "Somebody changed it outside of Git.", "noor", "2000"])
      expect(await page.getByText(text).first().isVisible(), text).toBe(true);
    await hands.press("Formalize");
    await stands(page, "Asked: formalize");
    await stage.settled();
    const pull = stage.forge.pulls(repo.name).find((one) => one.body.includes("orders"));
    expect(pull?.pull.merged).toBeTruthy();
    expect(await stage.forge.read(repo.name, "main", "orders/main.tf")).toContain('"2000"');
    expect(retentionOf("orders")).toBe("2000");
    await hands.press("Back to the workspace");
    await stands(page, repo.key("orders"));
    expect(await page.getByText("Desired, recorded and actual are the same.").isVisible()).toBe(true);
    expect(await page.locator(".facts").first().textContent()).toContain("synced");
    expect(eventsOf("orders")).toEqual(["opened", "ended"]);
    expect(problems.splice(0)).toEqual([]);
    await page.context().close();
  });

  test("by keyboard alone: the other one is reverted, and the cloud is as the code says", async () => {
    const page = await (await openContext(browser, { colorScheme: "light", viewport: PHONE })).newPage();
    const hands = keyboard(page);
    await page.goto(linkTo("mails", "Revert"));
    await stands(page, "Sign in");
    await hands.fill("API token", ADMIN);
    await hands.press("Sign in");
    await stands(page, /kafka_topic\.it/);
    expect(new URL(page.url()).hash).toBe("#revert");
    await hands.press("Workspaces");
    await stands(page, "Workspaces");
    await hands.press("1 open");
    await stands(page, "Drift");
    await hands.press("kafka_topic.it");
    await stands(page, /kafka_topic\.it/);
    await hands.press("Revert");
    await stands(page, "Asked: revert");
    await stage.settled();
    expect(retentionOf("mails")).toBe("1000");
    await hands.press("Back to the workspace");
    await stands(page, repo.key("mails"));
    expect(await page.locator(".facts").first().textContent()).toContain("synced");
    expect(eventsOf("mails")).toEqual(["opened", "ended"]);
    expect(await stage.forge.read(repo.name, "main", "mails/main.tf")).toContain('"1000"');
    await hands.press("Settings");
    await stands(page, "Settings in force");
    await hands.fill("Reason", "a bad night");
    await hands.press("Freeze everything");
    await stands(page, "Asked: freeze");
    await hands.press("Workspaces");
    await stands(page, "Workspaces");
    expect(await page.getByText("a bad night").isVisible()).toBe(true);
    await hands.press("Settings");
    await stands(page, "Settings in force");
    await hands.press("Lift the freeze of everything");
    await stands(page, "Asked: unfreeze");
    await hands.press("Workspaces");
    await stands(page, "Workspaces");
    expect(await page.getByText("Everything is frozen").count()).toBe(0);
    expect(problems.splice(0)).toEqual([]);
    await page.context().close();
  });
});

import { describe, expect, test } from "vitest";
import { driftPullBody, driftPullTitle } from "../../src/report/drift-pull.ts";
import type { DriftedDatabase } from "../../src/report/drift-pull-view.ts";
import { finding } from "./views.ts";

const base = { workspace: "acme/infra//net#default", dir: "net", trigger: "plumbline" };
const danger = { class: "R3", messages: ["Opens port 22 to the whole internet."] } as const;

describe("the text of a drift pull request", () => {
  const at = new Date("2026-11-21T02:10:30Z");
  const findings = [
    { ...finding("aws_lb.edge", "idle_timeout"), openedAt: at },
    { ...finding("aws_security_group.app", "ingress"), openedAt: at, danger, who: "noor@acme" },
    finding("aws_sqs_queue.jobs", "visibility_timeout"),
    finding("aws_lb.old", "name"),
  ];
  const view = {
    ...base,
    findings,
    formalized: findings.slice(0, 2),
    ignored: [{ ...findings[2], address: "aws_sqs_queue.jobs", path: "visibility_timeout", until: at }],
    unselected: findings.slice(3),
  };
  const body = driftPullBody(view);
  const section = (address: string): string =>
    body.split("#### ").find((one) => one.includes(`${address}.`) && !one.includes("**Choose one**")) ?? "";

  test("names the worst first, in the title too", () => {
    expect(driftPullTitle(view)).toBe("⚠️ Drift in net: aws_security_group.app.ingress, and 3 more");
    expect(body.indexOf("aws_security_group.app")).toBeLessThan(body.indexOf("aws_lb.edge"));
    expect(section("aws_security_group.app")).toContain("**Class R3:** Opens port 22");
  });

  test("says since when and by whom, and nothing where nobody knows", () => {
    expect(section("aws_security_group.app")).toContain("First seen 2026-11-21 02:10 UTC. By `noor@acme`.");
    expect(section("aws_lb.edge")).not.toContain("By ");
  });

  test("says of each what merging does", () => {
    expect(section("aws_lb.edge")).toContain("merging writes it into the code");
    expect(section("aws_sqs_queue.jobs")).toContain("proposes to ignore it until 2026-11-21 02:10 UTC");
    expect(section("aws_lb.old")).toContain("left out of this pull request");
    expect(body).toContain("this branch holds 2 of 4");
  });

  test("keeps within what a forge takes, however much drifted", () => {
    const many = Array.from({ length: 700 }, (_, index) =>
      finding(`module.${"m".repeat(60)}["k${index}"].aws_security_group.rule`, "ingress", {
        desired: "x".repeat(200),
        actual: "y".repeat(200),
      }),
    );
    const long = driftPullBody({ ...base, findings: many, formalized: many });
    expect(long.length).toBeLessThan(65_536);
    expect(long).toContain("And 640 more.");
  });

  test("text from outside neither leaves its place nor becomes a command", () => {
    const evil = finding("aws_x.y", 'tags["a`b\n@all"]', { actual: "`</details>\n@acme/owners" });
    const text = driftPullBody({ ...base, findings: [{ ...evil, who: "`x` @acme" }] });
    expect(text).toContain("`plumbline ignore ADDRESS.PATH --for 14d");
    expect(text).not.toMatch(/^@/m);
  });
});

describe("the text about a database", () => {
  const found = finding("table app.orders", "columns.extra");
  const text = (database: Partial<DriftedDatabase>, formalized = [found]) =>
    driftPullBody({
      ...{ ...base, findings: [found], formalized },
      database: {
        ...{ purpose: "formalize", class: "R1", destroys: [], hazards: [] },
        ...database,
      },
    });

  test("keeps by a migration that does nothing there, and takes back by one that is merged", () => {
    const kept = text({});
    expect(kept).toContain(
      "or comment `plumbline formalize`. It holds the migration that explains what is live",
    );
    expect(kept).toContain("`plumbline revert 'table app.orders'`");
    expect(kept).not.toContain("The code on the deploy branch is applied");
    const back = text({ purpose: "revert", class: "R4", destroys: ["the column app.orders.extra"] });
    expect(back).toContain("**Undo it:** merge this pull request");
    expect(back).toContain("Destroys the column app.orders.extra");
    expect(back).toContain("This branch takes it back.");
  });

  test("where none could be written, people push it", () => {
    const byHand = text({ class: null }, []);
    expect(byHand).toContain("push the migration that explains what is live to this branch");
  });
});

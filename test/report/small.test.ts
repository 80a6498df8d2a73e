import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alertFor } from "../../src/report/alert.ts";
import { applyComment } from "../../src/report/apply-comment.ts";
import { dashboardIssue, dashboardMarker } from "../../src/report/dashboard.ts";
import {
  driftBranch,
  driftPullBody,
  driftPullTitle,
  driftReportFile,
  driftReportPath,
} from "../../src/report/drift-pull.ts";
import { code, codeCell, fenced, plain } from "../../src/report/escape.ts";
import { parseMarker, renderMarker } from "../../src/report/marker.ts";
import type { WorkspaceView } from "../../src/report/pull-view.ts";
import { commandError, helpText } from "../../src/report/replies.ts";
import { statusesFor } from "../../src/report/statuses.ts";
import { finding, grave, resource, summaryOf, view, workspace } from "./views.ts";

const KEY = new Uint8Array(32).fill(1);

describe("markers", () => {
  test("what is rendered is read back, whatever it says", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (kind, subject, before) => {
        const body = `${before}\n${renderMarker({ kind, subject }, KEY)}`;
        expect(parseMarker(body, KEY)).toEqual({ kind, subject });
      }),
    );
  });

  test("another instance's and a forged marker are none", () => {
    const marker = renderMarker({ kind: "plan", subject: "a/b#1" }, KEY);
    expect(parseMarker(marker, new Uint8Array(32).fill(2))).toBeNull();
    expect(parseMarker(marker.replace(/\.[\w-]+ -->/, ".AAAA -->"), KEY)).toBeNull();
    expect(parseMarker("no marker", KEY)).toBeNull();
    expect(parseMarker(`${marker}\n<!-- plumbline:bm8.bm8 -->`, KEY)?.kind).toBe("plan");
  });
});

describe("outside text", () => {
  test.each([
    ["@acme/owners", /@\w/],
    ["see #12", /#\d/],
    ["<img src=x>", /</],
    ["<!-- plumbline:x -->", /<!--/],
    ["[a](http://b)", /(?<!\\)\[|http:\/\//],
    ["a | b", /(?<!\\)\|/],
    ["```\nx", /(?<!\\)`|\n/],
    ["# head", /^#/],
    ["- item", /^-/],
    ["1. item", /^1\./],
    ["\u202Eevil", /\u202E/],
  ])("%j becomes harmless", (text, pattern) => {
    expect(plain(text)).not.toMatch(pattern);
  });

  test("code and fences cannot be left", () => {
    expect(code("a `b` c")).toBe("``a `b` c``");
    expect(code("x\ny")).toBe("`x y`");
    expect(codeCell("a|b")).toBe("`a\\|b`");
    expect(fenced("```\nx\n```")).toBe("````\n```\nx\n```\n````");
  });
});

describe("statuses", () => {
  const contexts = (...given: Parameters<typeof view>) =>
    statusesFor(view(...given), { contextPrefix: "plumbline" }).map(
      ({ context, state }) => `${context} ${state}`,
    );

  test("the constant one is there and green when nothing is affected", () => {
    expect(contexts([])).toEqual(["plumbline/plan success"]);
  });

  test("one per workspace beside it; apply only once it was tried", () => {
    const summary = summaryOf([resource("aws_x.a", "update")]);
    expect(
      contexts([workspace("a", { summary }), workspace("b", { state: "apply-denied", summary })]),
    ).toEqual([
      "plumbline/plan success",
      "plumbline/plan: a success",
      "plumbline/plan: b success",
      "plumbline/apply: b failure",
    ]);
  });

  test("waiting keeps the constant one pending, a failure fails it, a conflict too", () => {
    expect(contexts([workspace("a", { state: "queued" })])[0]).toBe("plumbline/plan pending");
    expect(contexts([workspace("a", { state: "queued" }), workspace("b", { state: "plan-failed" })])[0]).toBe(
      "plumbline/plan failure",
    );
    expect(contexts([], { notes: ["conflict"] })[0]).toBe("plumbline/plan failure");
  });

  test("an apply of which nobody knows the outcome is an error, an unverified one a failure", () => {
    expect(contexts([workspace("a", { state: "unknown" })])).toContain("plumbline/apply: a error");
    expect(
      contexts([workspace("a", { state: "applied", applied: { verified: false, remaining: ["x"] } })]),
    ).toContain("plumbline/apply: a failure");
  });

  test("that of a database is there from the opening on, and green only once its migrations are verified", () => {
    const database = (state: WorkspaceView["state"]): string | undefined =>
      contexts([workspace("db", { state, kind: "postgres-migrations" })]).find((one) =>
        one.startsWith("plumbline/migrate: db "),
      );
    for (const state of ["queued", "planning", "planned", "plan-failed", "cancelled", "applying"] as const)
      expect(database(state)).toBe("plumbline/migrate: db pending");
    for (const state of ["applied", "no-changes"] as const)
      expect(database(state)).toBe("plumbline/migrate: db success");
    for (const state of ["apply-denied", "apply-failed"] as const)
      expect(database(state)).toBe("plumbline/migrate: db failure");
  });

  test("policies have their own status where any were asked", () => {
    const policies = { denied: [{ policy: "no-public", message: "bucket is public" }], warned: [] };
    expect(
      contexts([workspace("a", { policies }), workspace("b", { policies: { denied: [], warned: [] } })]),
    ).toEqual([
      "plumbline/plan success",
      "plumbline/plan: a success",
      "plumbline/policy: a failure",
      "plumbline/plan: b success",
      "plumbline/policy: b success",
    ]);
  });

  test("descriptions fit", () => {
    const summary = summaryOf([grave("aws_db_instance.main")]);
    const long = view(
      Array.from({ length: 40 }, (_, index) => workspace(`w${index}`, { summary })),
      {},
    );
    for (const { description, context } of statusesFor(long, { contextPrefix: "plumbline" })) {
      expect(description.length).toBeLessThanOrEqual(140);
      expect(context.length).toBeLessThanOrEqual(255);
    }
  });
});

describe("drift pull requests", () => {
  const facts = {
    workspace: "acme/infra//envs/prod#default",
    dir: "envs/prod",
    trigger: "plumbline",
    findings: [
      finding("aws_db_instance.main", "instance_class"),
      finding("aws_db_instance.main", "password", {
        sensitive: true,
        recorded: null,
        actual: null,
        desired: null,
      }),
      finding("aws_s3_bucket.logs", 'tags["cost|center"]', {
        desired: null,
        actual: "4|2",
        cause: "unmanaged",
      }),
      finding("aws_sqs_queue.jobs", "", { cause: "vanished", actual: null, desired: { name: "jobs" } }),
    ],
  };

  test("as a person sees it", async () => {
    await expect(`${driftPullTitle(facts)}\n\n${driftPullBody(facts)}\n`).toMatchFileSnapshot(
      "golden/drift-pull.md",
    );
  });

  test("partly written as code", async () => {
    const formalized = facts.findings.slice(0, 1);
    const refused = [
      { address: "aws_db_instance.main", path: "password", reason: "sensitive values are never written" },
    ];
    const body = driftPullBody({ ...facts, formalized, refused });
    await expect(`${body}\n`).toMatchFileSnapshot("golden/drift-pull-partial.md");
  });

  test("the report on the branch and in the title name the one finding", () => {
    const only = { ...facts, findings: facts.findings.slice(0, 1) };
    expect(driftPullTitle(only)).toBe("Drift in envs/prod: aws_db_instance.main.instance_class");
    expect(driftReportFile(only)).toContain("aws_db_instance.main.instance_class");
  });

  test("branch and file are stable, valid in Git, and never shared by two workspaces", () => {
    const keys = [
      "a/b//x/y#default",
      "a/b//x-y#default",
      "a/b//.#default",
      "a/b//x#y:p",
      "a/b//..weird~^:#z",
    ];
    const branches = keys.map(driftBranch);
    expect(new Set(branches).size).toBe(keys.length);
    for (const branch of branches) expect(branch).toMatch(/^plumbline\/drift\/[A-Za-z0-9][\w-]*$/);
    expect(driftReportPath("a/b//x#default")).toMatch(/^\.plumbline\/drift\/x-default-[0-9a-f]{6}\.md$/);
  });
});

test("an alert names place and values, never a secret, never markup", () => {
  const open = {
    workspace: "acme/infra//x#default",
    fingerprint: "f",
    openedAt: new Date(0),
    lastSeenAt: new Date(0),
  };
  expect(alertFor("opened", { ...finding("aws_db.main", "class"), ...open })).toEqual({
    title: "Drift: aws_db.main.class",
    text: 'acme/infra//x#default: aws_db.main.class was changed outside of Git. Git: "db.t3.small", live: "db.t3.large".',
  });
  expect(alertFor("ended", { ...finding("aws_db.main", ""), ...open }).title).toBe(
    "Drift ended: aws_db.main",
  );
});

test("the dashboard lists the worst first and says that it ends by itself", () => {
  const { title, body } = dashboardIssue([
    { workspace: "a", findings: 1 },
    { workspace: "b", findings: 3 },
  ]);
  expect(title).toBe("Drift: 2 workspaces waiting for a pull request");
  expect(body.indexOf("`b`")).toBeLessThan(body.indexOf("`a`"));
  expect(body).toContain(dashboardMarker);
});

test("help and errors carry the trigger word and no markup from outside", () => {
  expect(helpText("atlantis")).toContain("`atlantis apply --revert-drift`");
  expect(commandError("unknown flag `--x` <b>")).not.toContain("<b>");
});

describe("the comment after applies", () => {
  test("none while one is still running, or where nothing was tried", () => {
    expect(applyComment(view([workspace("a")]))).toBeNull();
    expect(
      applyComment(view([workspace("a", { state: "applied" }), workspace("b", { state: "applying" })])),
    ).toBeNull();
  });

  test("says in its first line whether everything is done, and names what is not", () => {
    const summary = summaryOf([resource("aws_x.a", "update")]);
    const done = workspace("a", { state: "applied", summary, applied: { verified: true, remaining: [] } });
    const remaining = Array.from({ length: 30 }, (_, index) => `update aws_x.n${index}`);
    const open = workspace("b", { state: "applied", summary, applied: { verified: false, remaining } });
    expect(applyComment(view([done]))?.split("\n")[0]).toBe("## Applied and verified");
    const text = applyComment(view([done, open])) ?? "";
    expect(text.split("\n")[0]).toBe("## 1 of 2 not done");
    expect(text).toContain("and 20 more");
  });
});

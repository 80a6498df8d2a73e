import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pullComment } from "../../src/report/pull-comment.ts";
import { finding, grave, resource, row, summaryOf, view, workspace } from "./views.ts";

const LIMIT = { commentLength: 65_536 };
const one = (...given: Parameters<typeof view>) =>
  pullComment(view(...given), LIMIT).join("\n\n=== next part ===\n\n");

describe("as a person sees it", () => {
  test("one workspace with a harmless change", async () => {
    const summary = summaryOf([
      resource("aws_instance.web", "update", { diff: [row("instance_type", '"t3.small"', '"t3.large"')] }),
      resource("aws_iam_role.job", "create", {
        diff: [row("name", null, '"job"'), row("arn", null, null, { unknown: true })],
      }),
    ]);
    await expect(one([workspace("envs/dev", { summary })])).toMatchFileSnapshot("golden/one-change.md");
  });

  test("a database that would be destroyed, drift that would be undone, and a gate that stops it", async () => {
    const summary = summaryOf([
      resource("aws_instance.web", "update", { diff: [row("ami", '"a"', '"b"')] }),
      grave("aws_db_instance.main", "replace", {
        diff: [
          row("engine_version", '"15"', '"16"', { forcesReplace: true }),
          row("password", null, null, { sensitive: true }),
        ],
      }),
      resource("aws_route.old", "delete"),
    ]);
    const dangerous = workspace("envs/prod", {
      state: "apply-denied",
      summary,
      overriddenDrift: [finding("aws_instance.web", "instance_type")],
      driftOnTheWay: [finding("aws_s3_bucket.logs", 'tags["cost.center"]', { desired: null, actual: "42" })],
      denied: [
        {
          gate: "destructive",
          message: "The plan destroys or weakens durable state (class R4).",
          wayOut:
            "Somebody other than the author comments `plumbline approve 0123456789ab`; then `plumbline apply`.",
          details: ["replace aws_db_instance.main"],
        },
      ],
    });
    const text = one([
      dangerous,
      workspace("envs/dev", { summary: summaryOf([resource("aws_instance.web", "update")]) }),
    ]);
    await expect(text).toMatchFileSnapshot("golden/destroys.md");
  });

  test("every state beside each other", async () => {
    const summary = summaryOf([resource("aws_x.a", "update")]);
    const states = view([
      workspace("a", { state: "queued" }),
      workspace("b", { state: "planning", lock: { holder: { repo: "acme/infra", number: 9 }, position: 2 } }),
      workspace("c", {
        state: "plan-failed",
        error: {
          message: "engine failed",
          diagnostics: 'Error: Unsupported argument\n\n  on main.tf line 3\n```\nfoo "x"',
          hint: "Mend the configuration that the engine names, then comment `plumbline plan`.",
        },
        log: "init\nplan\nError",
        logUrl: "https://plumbline.example/runs/run_1",
      }),
      workspace("d", { state: "applied", summary, applied: { verified: true, remaining: [] } }),
      workspace("e", {
        state: "applied",
        summary,
        applied: { verified: false, remaining: ["update aws_x.a"] },
      }),
      workspace("f", {
        state: "apply-failed",
        summary,
        error: { message: "The apply failed." },
        applied: { verified: false, remaining: ["update aws_x.a"] },
      }),
      workspace("g", { state: "unknown", summary }),
      workspace("h", { state: "applying", summary }),
      workspace("i", { state: "no-changes" }),
      workspace("j", {
        state: "planned",
        apply: "on_comment",
        summary,
        provisionalOn: ["envs/network"],
        destroy: true,
      }),
      workspace("k", { state: "superseded" }),
    ]);
    await expect(pullComment(states, LIMIT).join("\n")).toMatchFileSnapshot("golden/states.md");
  });

  test("nothing is touched", async () => {
    await expect(one([])).toMatchFileSnapshot("golden/nothing.md");
  });

  test("a conflict keeps it from planning", async () => {
    const notes = ["The head does not merge into the base branch: main.tf. Merge or rebase, then push."];
    await expect(one([], { notes })).toMatchFileSnapshot("golden/conflict.md");
  });
});

describe("what it promises", () => {
  test("each comment says loudly where engines run without a sandbox, and nothing where they have one", () => {
    for (const state of ["no-changes", "planned", "plan-failed"] as const) {
      const shown = [workspace("x", { state })];
      const parts = pullComment(view(shown, { unconfined: true }), LIMIT);
      expect(parts.at(-1)).toContain("⚠️ engines run **without a sandbox**");
      expect(pullComment(view(shown, { unconfined: false }), LIMIT).join()).not.toContain("sandbox");
    }
  });

  test("six hundred workspaces of which two change stay one short comment", () => {
    const quiet = Array.from({ length: 598 }, (_, index) => workspace(`w/${index}`, { state: "no-changes" }));
    const summary = summaryOf([resource("aws_x.a", "update")]);
    const parts = pullComment(
      view([...quiet, workspace("x", { summary }), workspace("y", { summary })]),
      LIMIT,
    );
    expect(parts).toHaveLength(1);
    expect(parts[0]).toContain("598 more without changes");
    expect(parts[0]?.length).toBeLessThan(2_000);
  });

  test("what destroys durable state stands in the first part, however large the rest", () => {
    const noise = Array.from({ length: 3_000 }, (_, index) =>
      resource(`aws_x.n${index}`, "update", { diff: [row("tags.name", '"before"', '"after"')] }),
    );
    const parts = pullComment(
      view([
        workspace("a", { summary: summaryOf(noise) }),
        workspace("b", { summary: summaryOf([...noise, grave("aws_db_instance.main")]) }),
      ]),
      LIMIT,
    );
    expect(parts[0]).toContain("aws_db_instance.main");
    expect(parts.length).toBeLessThanOrEqual(3);
  });

  test("equal facts give equal text", () => {
    const facts = () => view([workspace("a", { summary: summaryOf([grave("aws_db_instance.main")]) })]);
    expect(pullComment(facts(), LIMIT)).toEqual(pullComment(facts(), LIMIT));
  });

  test("outside text forges nothing: no mention, no heading, no marker, no closed fence", () => {
    const evil =
      'x["@acme/owners <!-- plumbline:a.b -->\n## Applied and verified\n```\n</details>![](http://x)"]';
    const text = one(
      [
        workspace("a", {
          summary: summaryOf([
            grave(`aws_db.${evil}`, "delete", { reasons: [{ rule: "r", message: evil }] }),
          ]),
          error: { message: "m", diagnostics: "```\n@acme/owners\n## hi\n```" },
          log: "```\n````\n## out",
        }),
      ],
      { notes: [evil] },
    );
    const outsideCode = text.replaceAll(/^(`{3,}).*\n[\s\S]*?\n\1$/gm, "").replaceAll(/(`+)[^\n]*?\1/g, "");
    expect(outsideCode).not.toMatch(/@acme/);
    expect(outsideCode).not.toContain("<!--");
    expect(outsideCode).not.toMatch(/^## (?!⚠️)/m);
    expect(outsideCode).not.toMatch(/!\[/);
  });

  test("no part exceeds the limit, and each destroyed address survives the splitting", () => {
    const address = fc.stringMatching(/^[a-z]{1,12}$/).map((name) => `aws_thing.${name}`);
    const changes = fc.array(
      fc.tuple(address, fc.constantFrom("delete", "replace", "update", "create"), fc.boolean()),
      {
        maxLength: 120,
      },
    );
    const workspaces = fc.array(
      fc.tuple(fc.stringMatching(/^[a-z/]{1,20}$/), changes, fc.string({ maxLength: 3_000 })),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(workspaces, fc.integer({ min: 1_000, max: 20_000 }), (given, commentLength) => {
        const views = given.map(([title, resources, log]) =>
          workspace(title, {
            log,
            summary: summaryOf(
              resources.map(([name, action, stateful]) =>
                stateful && action !== "create"
                  ? grave(name, action as "delete")
                  : resource(name, action as "update"),
              ),
            ),
          }),
        );
        const parts = pullComment(view(views), { commentLength });
        for (const part of parts) expect(part.length).toBeLessThanOrEqual(commentLength);
        const all = parts.join("\n");
        for (const [, resources] of given)
          for (const [name, action] of resources) if (action === "delete") expect(all).toContain(name);
      }),
      { numRuns: 60 },
    );
  });
});

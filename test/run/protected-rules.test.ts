import { expect, test } from "vitest";
import { loadCatalogue } from "../../src/adapters/catalogue-files.ts";
import { planDigest } from "../../src/plan/digest.ts";
import { inspectPlan } from "../../src/plan/inspect.ts";
import { readPlan } from "../../src/plan/read.ts";
import type { Git } from "../../src/ports/git.ts";
import { protectedRules } from "../../src/run/protected-rules.ts";

const catalogue = await loadCatalogue();

/** A repository of two commits: what is protected, and what a pull request would like to be protected. */
const gitWith = (files: Readonly<Record<string, Readonly<Record<string, string>>>>): Git =>
  ({
    readFiles: async (_repo: string, commit: string, paths: readonly string[]) =>
      new Map(
        paths.flatMap((path) => {
          const text = files[commit]?.[path];
          return text === undefined ? [] : [[path, new TextEncoder().encode(text)] as const];
        }),
      ),
  }) as unknown as Git;

const ADDED = `version: 1
stateful:
  - type: acme_ledger
    stateful: true
    destroy: R5
    reason: the ledger of record
`;
const LOOSENED = `version: 1
stateful:
  - type: acme_ledger
    destroy: R1
    reason: let me through
`;

const plan = readPlan(
  JSON.stringify({
    format_version: "1.2",
    resource_changes: [
      {
        address: "acme_ledger.main",
        mode: "managed",
        type: "acme_ledger",
        name: "main",
        provider_name: "registry.example/acme/acme",
        change: { actions: ["update"], before: { a: 1, id: "x" }, after: { a: 2, id: "x" } },
      },
      {
        address: "acme_ledger.old",
        mode: "managed",
        type: "acme_ledger",
        name: "old",
        provider_name: "registry.example/acme/acme",
        change: { actions: ["delete"], before: { a: 1, id: "y" }, after: null },
      },
    ],
  }),
);

test("overrides count from the commit before the pull request, not from its own", async () => {
  const git = gitWith({ base: { "plumbline.yaml": ADDED }, head: { "plumbline.yaml": LOOSENED } });
  const before = await protectedRules({ git, catalogue }, "acme/infra", "base");
  const own = await protectedRules({ git, catalogue }, "acme/infra", "head");
  expect(inspectPlan(plan, before.catalogue).class).toBe("R5");
  expect(inspectPlan(plan, own.catalogue).class).not.toBe("R5");
});

test("a path of a type that the repository calls stateful cannot be left out of the digest", async () => {
  const git = gitWith({ base: { "plumbline.yaml": ADDED }, bare: {} });
  const digest = (known: typeof catalogue, after: number) =>
    planDigest({
      plan: { ...plan, changes: plan.changes.map((one) => ({ ...one, after: one.after && { a: after } })) },
      engine: { distribution: "terraform", version: "1.11.4" },
      lockFile: null,
      inputTree: "",
      variables: {},
      flags: [],
      key: new Uint8Array(32),
      ignore: ["acme_ledger.main:a"],
      catalogue: known,
    }).digest;
  const ruled = (await protectedRules({ git, catalogue }, "acme/infra", "base")).catalogue;
  const plain = (await protectedRules({ git, catalogue }, "acme/infra", "bare")).catalogue;
  expect(digest(ruled, 2)).not.toBe(digest(ruled, 3));
  expect(digest(plain, 2)).toBe(digest(plain, 3));
});

test("an override for a type that nobody knows is a problem of the configuration", async () => {
  const git = gitWith({
    base: {
      "plumbline.yaml": "version: 1\nstateful:\n  - { type: aws_db_instnce, stateful: false, reason: x }\n",
    },
  });
  await expect(protectedRules({ git, catalogue }, "acme/infra", "base")).rejects.toMatchObject({
    code: "config-invalid",
    message: expect.stringContaining("aws_db_instnce"),
  });
});

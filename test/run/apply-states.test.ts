import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { canBecome, type RunState } from "../../src/model/run.ts";

const STATES: readonly RunState[] = [
  ...(["queued", "running", "apply-started", "verifying", "unknown"] as const),
  ...(["succeeded", "failed", "interrupted", "superseded", "cancelled"] as const),
];

test("the table of transitions in docs/apply.md is the one that the ledger enforces", async () => {
  const page = await readFile(new URL("../../docs/apply.md", import.meta.url), "utf8");
  const part = page.slice(page.indexOf("## States"), page.indexOf("## What each crash"));
  const told = [...part.matchAll(/^\| ([a-z-]+) \| ([a-z-]+) \|/gm)]
    .map(([, from, to]) => `${from} > ${to}`)
    .filter((row) => row !== "from > to");
  const enforced = STATES.flatMap((from) =>
    STATES.filter((to) => canBecome(from, to)).map((to) => `${from} > ${to}`),
  );
  expect(told.toSorted()).toEqual(enforced.toSorted());
});

import { expect, test } from "vitest";
import type { DriftedResource } from "../../src/codify/facts.ts";
import type { SecretScanner } from "../../src/ports/secret-scanner.ts";
import { scanned } from "../../src/run/codify-secrets.ts";

const drifted = (
  address: string,
  actual: DriftedResource["actual"],
  paths: readonly string[],
): DriftedResource => ({
  address,
  provider: "p",
  type: "a",
  recorded: {},
  actual,
  desired: {},
  unknown: {},
  sensitive: [],
  movedFrom: null,
  findings: paths.map((path) => ({ path, cause: "console" })),
});

/** Takes texts that say so for secrets and remembers what it was asked. */
const listening = (): SecretScanner & { readonly heard: string[] } => {
  const heard: string[] = [];
  return {
    heard,
    looksSecret: async (texts) => {
      heard.push(...texts);
      return new Set([...texts].filter((text) => text.includes("hush")));
    },
  };
};

test("live texts of attributes with findings are scanned, each once and whole", async () => {
  const scanner = listening();
  const told: string[] = [];
  const script = "line one\nhush\nline three\n";
  const resources = [
    drifted("a.one", { tags: { Team: "data", Size: 7 }, name: "left alone" }, ["tags.Team", "tags.Size"]),
    drifted("a.two", { tags: { Team: "data" }, rules: [{ run: script }] }, ["tags.Team", "rules[0].run"]),
    drifted("a.gone", null, [""]),
  ];
  const all = await scanned({ scanner, onSecret: (text) => told.push(text) }, resources);
  expect(scanner.heard.toSorted()).toEqual(["data", script]);
  expect(told).toEqual([script]);
  expect(all.map(({ secrets }) => [...(secrets ?? [])])).toEqual([[script], [script], [script]]);
});

test("without secrets the resources stay as they are", async () => {
  const resources = [drifted("a.one", { name: "plain" }, ["name"])];
  expect(await scanned({ scanner: listening() }, resources)).toBe(resources);
});

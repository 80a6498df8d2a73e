import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { metricsDocument } from "../../scripts/metrics-doc.ts";
import { partOf } from "../../src/model/numbers.ts";
import { METRICS, MOST_OWNERS, PREFIX } from "../../src/web/metric-list.ts";

const read = (path: string): Promise<string> => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

test("docs/metrics.md names every metric as the code has it", async () => {
  expect(await read("docs/metrics.md"), "run `node scripts/metrics-doc.ts`").toBe(metricsDocument());
});

test("the dashboard and the rules ask for what is there, by labels that are there, and miss no metric", async () => {
  const asked = `${await read("deploy/grafana-dashboard.json")} ${await read("deploy/prometheus-rules.yaml")}`;
  const labelsOf = new Map(METRICS.map(({ name, labels }) => [PREFIX + name, labels]));
  const named = new Set(asked.match(/\bplumbline_[a-z0-9_]+/g));
  expect([...named].filter((name) => !labelsOf.has(name))).toEqual([]);
  expect([...labelsOf.keys()].filter((name) => !named.has(name))).toEqual([]);
  for (const [, name = "", inner = ""] of asked.matchAll(/\b(plumbline_[a-z0-9_]+)\{([^}]*)\}/g))
    for (const [, label] of inner.matchAll(/(\w+)\s*(?:=~|=|!=|!~)/g))
      expect(labelsOf.get(name), `${name}{${label}}`).toContain(label);
});

test("rules and dashboard are whole: each rule says how grave it is and what it means, no panel lies on another", async () => {
  const rules = parse(await read("deploy/prometheus-rules.yaml")) as {
    groups: { rules: Record<string, unknown>[] }[];
  };
  for (const rule of rules.groups.flatMap((group) => group.rules))
    expect(rule).toMatchObject({
      ...{ alert: expect.stringMatching(/^Plumbline/), expr: expect.any(String) },
      labels: { severity: expect.stringMatching(/^(warning|critical)$/) },
      annotations: { summary: expect.any(String) },
    });
  const { panels } = JSON.parse(await read("deploy/grafana-dashboard.json")) as {
    panels: { id: number; gridPos: { x: number; y: number }; targets: unknown[] }[];
  };
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x},${y}`)).size).toBe(panels.length);
  for (const { targets } of panels) expect(targets.length).toBeGreaterThan(0);
});

test("owners beyond the bound are one", () => {
  const owners = Array.from({ length: MOST_OWNERS + 3 }, (_, at) => ({
    owner: `t${at}`,
    found: 2,
    before: 1,
  }));
  const metric = METRICS.find(({ name }) => name === "console_changes_7d");
  const samples = metric?.samples({ owners } as never) ?? [];
  expect(samples).toHaveLength(MOST_OWNERS + 1);
  expect(samples.at(-1)).toEqual({ labels: { owner: "other" }, value: 6 });
  expect(partOf(0, 0).share).toBeNull();
});

import { expect, test } from "vitest";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { readClaims } from "../../src/config/stateful-change.ts";
import { contractGate } from "../../src/gate/contract.ts";
import { fileChanges } from "../../src/gate/durable.ts";
import { contractApart } from "../../src/gate/stateful.ts";
import type { DurableChange, StatefulFacts } from "../../src/gate/stateful-facts.ts";
import { compatibilityLines } from "../../src/report/compatibility.ts";
import { classifyFiles } from "../../src/risk/files.ts";
import { sqlLinter } from "../../src/run/sql-linter.ts";

const dropped: DurableChange = {
  ...{ place: "db/V3__drop.sql:1", class: "R4", rule: "drop-column", message: "Drops orders.legacy." },
  phase: "contract",
};
const claim = (step: string) => `\`\`\`yaml
stateful_change:
  class: R4
  phase: contract
  compatibility: { new_app_reads_old_schema: true }
  rollback_boundary: once the column is gone
  contract_step: ${step}
\`\`\``;
const PROVEN = `{ deprecated_since: 2026-05-01, deprecation_window: 30d, zero_fallback: { metric: legacy_reads_total, since: 2026-06-01, evidence: "https://grafana.example/d/1" } }`;

const gate = (body: string, more: Partial<StatefulFacts> = {}) => {
  const facts = { databases: true, changes: [dropped], now: new Date("2026-07-01T12:00:00Z"), ...more };
  return contractGate({ ...facts, claims: readClaims(body, []) } as unknown as StatefulFacts);
};
const gapsOf = (body: string) => gate(body).flatMap(({ details = [] }) => details.slice(0, -1));

test("an old shape goes after the window, with the proof that nobody falls back on it", () => {
  expect(readClaims(claim(PROVEN), []).problems).toEqual([]);
  expect(gate(claim(PROVEN))).toEqual([]);
  expect(gate("nothing said")[0]).toMatchObject({
    gate: "contract-too-early",
    details: [
      "contract_step.deprecated_since is missing",
      "contract_step.deprecation_window is missing",
      "contract_step.zero_fallback is missing",
      "db/V3__drop.sql:1: Drops orders.legacy.",
    ],
  });
  expect(gapsOf(claim(PROVEN.replace("30d", "90d")))).toEqual(["the deprecation window ends on 2026-07-30"]);
  expect(gapsOf(claim(PROVEN.replace("2026-06-01", "2026-04-01")))).toEqual([
    "contract_step.zero_fallback.since lies before deprecated_since: then nobody could fall back",
  ]);
  expect(gapsOf(claim(PROVEN.replace("2026-06-01", "2026-08-01")))).toEqual([
    "contract_step.zero_fallback.since lies in the future",
  ]);
  expect(gapsOf(claim(PROVEN.replace(', evidence: "https://grafana.example/d/1"', "")))).toEqual([
    "contract_step.zero_fallback.evidence is missing",
  ]);
});

test("only databases are asked, and only for a contract; the author's word for one suffices", () => {
  expect(gate("nothing said", { databases: false })).toEqual([]);
  expect(gate("nothing said", { changes: [] })).toEqual([]);
  expect(gate(claim("{}"), { changes: [] }).map((reason) => reason.gate)).toEqual(["contract-too-early"]);
});

const parse = await loadSqlParser();
const lintSql = sqlLinter(parse, () => new Date("2026-07-01"));
const apart = (files: Readonly<Record<string, string>>, pending: readonly DurableChange[] = []) => {
  const found = classifyFiles(
    Object.entries(files).map(([path, after]) => ({ path, before: null, after })),
    { lintSql },
  );
  const facts = {
    databases: true,
    governance: { contractApart: true },
    claims: { claim: null, problems: [] },
  };
  return contractApart({
    ...facts,
    changes: [...fileChanges(found), ...pending],
  } as unknown as StatefulFacts).flatMap(({ details = [] }) => details);
};
const ADD = "ALTER TABLE app.orders ADD COLUMN note text;";
const DROP = "ALTER TABLE app.orders DROP COLUMN legacy;";

test("room for a new shape and the end of an old one never come in one pull request, wherever they stand", () => {
  const both = expect.arrayContaining([
    expect.stringMatching(/^expand: .*V2__a\.sql:1/),
    expect.stringMatching(/^contract: .*:1/),
  ]);
  expect(apart({ "db/V2__a.sql": ADD })).toEqual([]);
  expect(apart({ "db/V2__a.sql": DROP })).toEqual([]);
  expect(apart({ "db/V2__a.sql": ADD, "db/V3__b.sql": DROP })).toEqual(both);
  expect(apart({ "db/orders/V2__a.sql": ADD, "db/reports/V9__b.sql": DROP })).toEqual(both);
  expect(apart({ "db/V2__a.sql": ADD, "db/V3__b.sql": `DO $$ BEGIN ${DROP} END $$;` })).toEqual(both);
});

test("a new name is both at once", () => {
  for (const sql of [
    "ALTER TABLE app.orders RENAME COLUMN a TO b;",
    "ALTER TABLE app.orders RENAME TO sales;",
    "ALTER VIEW app.v RENAME TO w;",
    "ALTER TYPE app.mood RENAME VALUE 'a' TO 'b';",
    "ALTER TABLE app.orders SET SCHEMA old;",
  ])
    expect(apart({ "db/V2__a.sql": sql }), sql).toContainEqual(
      expect.stringMatching(/^a new name is both at once: .*V2__a\.sql:1/),
    );
  expect(apart({ "db/V2__a.sql": "ALTER TABLE app.orders RENAME CONSTRAINT a TO b;" })).toEqual([]);
});

test("what was merged before and is run now counts by its plan", () => {
  const earlier: DurableChange = { ...dropped, place: "V1__drop.sql", system: "V1__drop.sql" };
  expect(apart({ "db/V2__a.sql": ADD }, [earlier])).toHaveLength(2);
  const facts = { databases: true, changes: [earlier], now: new Date(), claims: readClaims("", []) };
  expect(contractGate(facts as unknown as StatefulFacts)).toHaveLength(1);
});

test("the matrix says which application works on which schema", () => {
  const { claim: said } = readClaims(claim(PROVEN), []);
  const facts = { rollbackBoundary: said?.rollbackBoundary ?? null, versions: { now: "2", next: "3" } };
  const compatibility = said?.compatibility ?? {
    oldReadsNew: null,
    newReadsOld: null,
    rollbackSafeUntil: null,
  };
  expect(compatibilityLines({ ...facts, compatibility, contract: true })).toEqual([
    "| application | schema now (2) | contracted (3) |",
    "|---|---|---|",
    "| running | works | **fails** |",
    "| new | works | works |",
    "",
    "The application cannot go back once this is applied. Rollback boundary: once the column is gone",
  ]);
  expect(compatibilityLines({ ...facts, compatibility, contract: false })[2]).toBe(
    "| running | works | not said |",
  );
});

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MigrationProposal } from "../../src/model/migration-proposal.ts";
import { cli } from "../cli/world.ts";
import {
  callOf,
  engineOf,
  type Files,
  folderOf,
  freshDatabase,
  rowsOf,
  start,
  statement,
  stop,
  toolEnvironment,
  updateByLiquibase,
  withoutTools,
} from "./world.ts";

const BASE = "create table a (id int primary key, n int);";
const FORMATTED = `--liquibase formatted sql\n--changeset me:1\n${BASE}\n`;
const BY_HAND = `alter table a add column extra text default 'a;b';;
create index by_hand on a (extra) where extra <> ';';;
create function f() returns int language plpgsql as $f$ begin return 1; -- rollback is no word here
end $f$;;
alter table a add constraint positive check (n > 0)`;
const xml = (body: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd">
${body}
</databaseChangeLog>
`;
const INCLUDE = '{"include": {"file": "parts/001-a.sql", "relativeToChangelogFile": true}}';

const ROOTS: readonly (readonly [form: string, files: Files, written: readonly string[]])[] = [
  ["formatted SQL", { "changelog.sql": FORMATTED }, ["changelog.sql"]],
  [
    "a folder that is included as a whole",
    {
      "changelog.xml": xml('  <includeAll path="parts/" relativeToChangelogFile="true"/>'),
      "parts/001-a.sql": FORMATTED,
    },
    ["parts/002-formalize_drift.sql"],
  ],
  [
    "a list in XML, with a changeset at its end",
    { "changelog.xml": xml(`  <changeSet id="1" author="me">\n    <sql>${BASE}</sql>\n  </changeSet>`) },
    ["plumbline/plumbline-1-formalize_drift.sql", "changelog.xml"],
  ],
  [
    "a list in YAML",
    {
      "changelog.yaml": `databaseChangeLog:\n  - include:\n      file: parts/001-a.sql\n`,
      "parts/001-a.sql": FORMATTED,
    },
    ["parts/002-formalize_drift.sql", "changelog.yaml"],
  ],
  [
    "a list in JSON",
    { "changelog.json": `{"databaseChangeLog": [${INCLUDE}]}\n`, "parts/001-a.sql": FORMATTED },
    ["parts/002-formalize_drift.sql", "changelog.json"],
  ],
];
const PROVEN = { elsewhere: { proven: true, error: null }, live: { proven: true, error: null } };

const write = (dir: string, { files }: Pick<MigrationProposal, "files">): void => {
  for (const { path, text } of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
};

describe.skipIf(withoutTools !== null)(
  `changesets that Plumbline writes${withoutTools === null ? "" : `: ${withoutTools}`}`,
  () => {
    beforeAll(start, 120_000);
    afterAll(stop, 120_000);

    const open = async (files: Files, byHand = BY_HAND) => {
      const [dir, url] = [folderOf(files), await freshDatabase()];
      const call = callOf("liquibase", dir, url);
      await updateByLiquibase(call);
      await statement(url, byHand);
      return { engine: await engineOf("liquibase"), dir, url, call };
    };
    const wish = { purpose: "formalize", now: new Date(), only: [], acceptedBy: null } as const;
    const parts = ["formalize_drift", "formalize_drift_indexes", "formalize_drift_validate"];

    test.each(ROOTS)("%s: proven by what Liquibase reads of it", async (_, files, written) => {
      const { engine, call } = await open(files);
      const proposal = await engine.propose(call, wish);
      expect(proposal).toMatchObject({ unwritten: [], hotFixes: [], proof: PROVEN });
      expect(proposal.files.map(({ path }) => path)).toEqual(written);
      expect(proposal.runs.map((script) => script.split("::")[1])).toEqual(parts);
    });

    test("they change nothing where it was done, and make it everywhere else", async () => {
      const [, files = {}] = ROOTS[1] ?? [];
      const { engine, dir, call } = await open(files);
      write(dir, await engine.propose(call, wish));
      await updateByLiquibase(call);
      expect((await engine.drift(call)).findings).toEqual([]);
      const other = callOf("liquibase", dir, await freshDatabase());
      await updateByLiquibase(other);
      expect(await rowsOf(await other.url("migration"), "select extra from a where f() = 1")).toEqual([]);
      expect((await engine.drift(other)).findings).toEqual([]);
    });

    test("a revert takes back what was done", async () => {
      const { engine, dir, url, call } = await open({ "changelog.sql": FORMATTED });
      const back = await engine.propose(call, { ...wish, purpose: "revert", acceptedBy: "noor" });
      expect(back).toMatchObject({ proof: PROVEN, class: "R4" });
      expect(back.findings.filter(({ severity }) => severity === "error")).toEqual([]);
      write(dir, back);
      await updateByLiquibase(call);
      expect(await rowsOf(url, "select 1 from pg_attribute where attname = 'extra'")).toEqual([]);
      expect((await engine.drift(call)).findings).toEqual([]);
    });

    test("a changelog that takes no include is refused, saying why", async () => {
      const files = { "changelog.yaml": `databaseChangeLog: [${INCLUDE}]\n`, "parts/001-a.sql": FORMATTED };
      const { engine, call } = await open(files);
      const refused = await engine.propose(call, wish);
      expect(refused).toMatchObject({ files: [], runs: [], proof: null });
      expect(refused.unwritten[0]?.why).toContain("behind all others");
    });

    test("a changeset that somebody did by hand already is told, with what to do", async () => {
      const { engine, dir, call } = await open(
        { "changelog.sql": FORMATTED },
        "alter table a add column hot int",
      );
      writeFileSync(
        join(dir, "changelog.sql"),
        `${FORMATTED}--changeset me:2\nalter table a add column hot int;\n`,
      );
      expect(await engine.propose(call, wish)).toMatchObject({
        files: [],
        hotFixes: [{ script: "changelog.sql::2::me", advice: expect.stringContaining("MARK_RAN") }],
      });
    });

    test("the desired schema is reached by changesets at the changelog's end; no database is asked", async () => {
      const engine = await engineOf("liquibase");
      const dir = folderOf({ "changelog.sql": FORMATTED, "schema.sql": `${BASE}\ncreate index on a (n);` });
      const call = callOf("liquibase", dir, "postgres://nobody@127.0.0.1:1/none");
      const proposal = await engine.proposeDesired(call, "schema.sql", new Date());
      expect(proposal).toMatchObject({
        ...{ purpose: "declare", unwritten: [], files: [{ path: "changelog.sql", replaces: true }] },
        proof: { elsewhere: { proven: true }, live: null },
      });
      write(dir, proposal);
      expect(await engine.proposeDesired(call, "schema.sql", new Date())).toMatchObject({
        files: [],
        runs: [],
      });
    });

    test("at the terminal the same: compared, shown, written", async () => {
      const { dir, url } = await open({ "changelog.sql": FORMATTED }, "alter table a add column extra text");
      const sql = (...args: readonly string[]) =>
        cli(["sql", ...args, "--tool", "liquibase", "--json"], { env: toolEnvironment() });
      const drift = await sql("drift", dir, "--url", url);
      expect([drift.code, JSON.parse(drift.out).summary]).toEqual([2, { unmanaged: 1 }]);
      const written = await sql("drift", dir, "--url", url, "--formalize", "--write");
      expect([written.code, JSON.parse(written.out).written]).toEqual([0, true]);
      expect(readFileSync(join(dir, "changelog.sql"), "utf8")).toContain(
        "--changeset plumbline:formalize_drift ",
      );
      writeFileSync(join(dir, "schema.sql"), `${BASE} alter table a add column extra text;`);
      const proposed = await sql("propose", dir);
      expect([proposed.code, JSON.parse(proposed.out).files]).toEqual([0, []]);
    });
  },
);

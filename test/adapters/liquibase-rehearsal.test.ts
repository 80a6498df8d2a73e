import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { rehearseChangelog } from "../../src/adapters/liquibase-rehearsal.ts";
import { addChangelogRow, makeChangelogTable } from "../../src/adapters/liquibase-rows.ts";
import { withScratch } from "../../src/adapters/pg-scratch.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import { callOf } from "../flyway/world.ts";

const root = mkdtempSync(join(tmpdir(), "plumbline-liquibase-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A changeset as `update-sql` prints it. */
const printed = (id: string, sql: string): string =>
  `-- Changeset c.sql::${id}::me\n${sql}\n\nINSERT INTO databasechangelog (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE) VALUES ('${id}', 'me', 'c.sql', NOW(), 1, '9:${id}', 'sql', '', 'EXECUTED');\n\n`;

// Prints what the real one was seen to print (test/flyway holds it to that): what no history has, the last for a server.
const LIQUIBASE = `#!/bin/sh
csv=$(printf %s "$LIQUIBASE_COMMAND_URL" | sed -n 's/.*changeLogFile=\\([^&]*\\).*/\\1/p')
for id in 1 2; do
  case "$LIQUIBASE_COMMAND_URL" in jdbc:*) [ "$id" = 1 ] && continue ;; esac
  [ -f "$csv" ] && grep -q "^\\"$id\\"," "$csv" && continue
  cat "${root}/$id.out"
done
`;

test("what Liquibase says it would run is rehearsed from the present schema; its word on the history left is the second run's", async () => {
  const base = "create table a (id int primary key, n int);\ninsert into a values (1, 1), (2, 2);";
  const next =
    "alter table a alter n type bigint;\nupdate a set n = 3 where id = 1;\ncreate index concurrently i on a (n);";
  const dir = join(root, "db");
  mkdirSync(dir);
  writeFileSync(
    join(dir, "changelog.sql"),
    `--liquibase formatted sql\n--changeset me:1\n${base}\n--changeset me:2 runInTransaction:false\n--preconditions onFail:MARK_RAN\n${next}`,
  );
  for (const [id, sql] of Object.entries({ 1: base, 2: next }))
    writeFileSync(join(root, `${id}.out`), printed(id, sql));
  const path = join(root, "liquibase");
  writeFileSync(path, LIQUIBASE);
  chmodSync(path, 0o755);
  const env = { PATH: process.env["PATH"] ?? "" };
  const program = { name: "liquibase", path, env, redactor: createRedactor(), sandbox: null } as const;
  const url = "postgres://nobody@127.0.0.1:1/none";
  const made = await withScratch(null, async (target) => {
    const place = { schema: "public", table: "databasechangelog" };
    await makeChangelogTable(target, place);
    await target.run("create table a (id int primary key, n int)");
    await addChangelogRow(target, place, {
      id: "1",
      author: "me",
      filename: "c.sql",
      exectype: "EXECUTED",
      md5sum: "9:1",
    });
    const asked = { program, call: callOf("liquibase", dir, url), target, url };
    return rehearseChangelog(asked, { parse: await loadSqlParser(), url: null });
  });
  expect(made).toMatchObject({
    current: {
      failure: null,
      migrations: [{ script: "c.sql::2::me", checksum: "9:2", transactional: false }],
    },
    empty: { failure: null, migrations: [{}, {}] },
    again: { pending: [], changes: [], failure: null },
    gaps: [{ script: "c.sql::2::me", unseen: false }],
    notes: [],
  });
  const [retype, update] = made.current.migrations[0]?.statements ?? [];
  expect(retype).toMatchObject({
    rewrites: ["public.a"],
    locks: [{ relation: "public.a", mode: "ACCESS EXCLUSIVE" }],
  });
  expect(update).toMatchObject({ line: 2, rows: 1 });
}, 120_000);

import { expect, test } from "vitest";
import { readUpdateSql } from "../../src/migration/liquibase-sql.ts";

const TABLE = "databasechangelog";
const row = (id: string, file = "db.sql", more = "'what it''s for'") =>
  `INSERT INTO public.databasechangelog (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, CONTEXTS) VALUES ('${id}', 'me', '${file}', NOW(), 1, '9:ab', 'sql', ${more}, 'EXECUTED', NULL);`;
const HEAD = `-- Lock Database
UPDATE public.databasechangeloglock SET LOCKED = TRUE, LOCKEDBY = 'vm (10.0.0.1)', LOCKGRANTED = NOW() WHERE ID = 1 AND LOCKED = FALSE;

-- ****
SET SEARCH_PATH TO public;
`;

test("changesets with what runs in them, and a rerun one", () => {
  const rerun = `UPDATE public.databasechangelog SET COMMENTS = '', DATEEXECUTED = NOW(), MD5SUM = '9:cd', ORDEREXECUTED = 5 WHERE ID = '2' AND AUTHOR = 'me' AND FILENAME = 'db.sql';`;
  const text = `${HEAD}\n-- Changeset db.sql::1::me\ncreate table a (id int);\n\ninsert into a values (1);\n\n${row("1")}\n\n-- Changeset db.sql::2::me\nselect 2;\n${rerun}\n\n-- Release Database Lock\nUPDATE public.databasechangeloglock SET LOCKED = FALSE WHERE ID = 1;\n`;
  expect(readUpdateSql(text, TABLE)).toEqual([
    {
      script: "db.sql::1::me",
      file: "db.sql",
      id: "1",
      author: "me",
      checksum: "9:ab",
      description: "what it's for",
      changes: "sql",
      sql: "create table a (id int);\n\ninsert into a values (1);",
    },
    expect.objectContaining({ script: "db.sql::2::me", checksum: "9:cd", sql: "select 2;" }),
  ]);
  expect(readUpdateSql(HEAD, TABLE)).toEqual([]);
});

test("a comment in a changeset is no other changeset", () => {
  const text = `${HEAD}\n-- Changeset db.sql::1::me\n-- Changeset db.sql::9::me\ndrop table a;\n${row("1")}\n`;
  expect(readUpdateSql(text, TABLE)?.map(({ script }) => script)).toEqual(["db.sql::1::me"]);
  expect(readUpdateSql(text, TABLE)?.[0]?.sql).toContain("drop table a");
});

test.each([
  ["a changeset without its row", `-- Changeset db.sql::1::me\nselect 1;\n`],
  [
    "a forged row with statements behind it",
    `-- Changeset db.sql::1::me\n${row("1")}\ndrop table a;\n${row("1")}\n`,
  ],
  ["statements before the first changeset", `drop table a;\n-- Changeset db.sql::1::me\n${row("1")}\n`],
])("%s cannot be read", (_, text) => {
  expect(readUpdateSql(HEAD + text, TABLE)).toBe(null);
});

import { expect, test } from "vitest";
import {
  formattedSql,
  freeIds,
  nextChangelogName,
  withInclude,
} from "../../src/migration/liquibase-write.ts";

const NOW = new Date("2026-11-22T00:30:00Z");
const FILE = "changes/3-formalize_drift.sql";

test("changesets in formatted SQL: in one piece, or one statement at a time where they refuse a transaction", () => {
  const sets = [
    { id: "a", text: "DO $$ begin; end $$;\n", alone: false },
    { id: "a_indexes", text: "CREATE INDEX CONCURRENTLY i ON t (n);", alone: true },
  ];
  const text = `
--changeset plumbline:a splitStatements:false stripComments:false
DO $$ begin; end $$;

--changeset plumbline:a_indexes runInTransaction:false stripComments:false
CREATE INDEX CONCURRENTLY i ON t (n);
`;
  expect(formattedSql(sets)).toBe(`--liquibase formatted sql\n${text}`);
  expect(formattedSql(sets, "--liquibase formatted sql\n--changeset me:1\nselect 1;")).toBe(
    `--liquibase formatted sql\n--changeset me:1\nselect 1;\n${text}`,
  );
});

test("names are free, and the next in the folder's own numbers", () => {
  expect(freeIds(["a", "a", "b"], new Set(["a", "a_2"]))).toEqual(["a_3", "a_4", "b"]);
  const next = (...names: readonly string[]) => nextChangelogName(names, "x", NOW);
  expect(next("001-init.sql", "009_b.xml", "readme.md")).toBe("010_x.sql");
  expect(next("20260101120000-a.sql")).toBe("20261122003000-x.sql");
  expect(next("db.changelog-1.0.xml")).toBe("db.changelog-2.x.sql");
  expect(next("init.sql")).toBe("plumbline-1-x.sql");
});

const XML = `<?xml version="1.0"?>
<databaseChangeLog
    xmlns="x">
  <include file="a.sql" relativeToChangelogFile="true"/>
  <changeSet id="1" author="me">
    <sql>select 1</sql>
  </changeSet>
</databaseChangeLog>
`;
const YAML = "databaseChangeLog:\n- include:\n    file: a.sql\n- changeSet:\n    id: 1\n    author: me\n";
const JSON_TEXT = `{
  "databaseChangeLog": [
    { "include": { "file": "a.sql" } }
  ]
}
`;

test("a root gets one more include at its end, and nothing else of it changes", () => {
  expect(withInclude("r.xml", XML, FILE)).toBe(
    XML.replace(
      "</databaseChangeLog>",
      `  <include file="${FILE}" relativeToChangelogFile="true"/>\n</databaseChangeLog>`,
    ),
  );
  expect(withInclude("r.yml", YAML, FILE)).toBe(
    `${YAML}- include:\n    file: ${FILE}\n    relativeToChangelogFile: true\n`,
  );
  expect(withInclude("r.json", JSON_TEXT, FILE)).toBe(
    JSON_TEXT.replace(
      " }\n  ]",
      ` },\n    {"include":{"file":"${FILE}","relativeToChangelogFile":true}}\n  ]`,
    ),
  );
  expect(withInclude("r.xml", XML.replaceAll("\n", "\r\n"), FILE)).toMatch(
    /"true"\/>\r\n<\/databaseChangeLog>\r\n$/,
  );
});

test.each([
  ["a name that would have to be escaped", "r.xml", XML, 'a".sql'],
  ["a root that ends otherwise", "r.xml", "<databaseChangeLog/>", FILE],
  ["YAML in one line", "r.yaml", "databaseChangeLog: [{include: {file: a.sql}}]\n", FILE],
  ["an empty JSON list", "r.json", '{"databaseChangeLog": []}', FILE],
  ["another form", "r.groovy", "", FILE],
])("%s is not edited", (_, path, text, file) => {
  expect(withInclude(path, text, file)).toBe(null);
});

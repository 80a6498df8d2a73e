import { describe, expect, test } from "vitest";
import { flywayChecksum } from "../../src/migration/checksum.ts";
import { type HistoryRow, historyLock } from "../../src/migration/history.ts";
import { compareVersions, readMigrationName } from "../../src/migration/names.ts";
import { placeholdersOf } from "../../src/migration/placeholders.ts";
import { resolveMigrations } from "../../src/migration/resolve.ts";
import { standingOf } from "../../src/migration/standing.ts";

// Numbers that Flyway 10.22 itself gives for these texts.
test.each([
  ["\uFEFFcreate table a (id int);\r\n\r\n-- é\rselect 1;", -319953765],
  ["create table b (id int);\n\n", 1398915466],
  ["create index concurrently i on a (id);", -226915727],
  ["", 0],
  ["copy a (id) from stdin;\n1\n2\n\\.\n", 1499409073],
])("checksum of %j", (text, wanted) => {
  expect(flywayChecksum(text)).toBe(wanted);
});

test("the advisory lock's key is Flyway's", () => {
  expect(historyLock("public", "flyway_schema_history")).toBe(77433833903597n);
});

describe("file names", () => {
  test.each([
    ["V1__first_one.sql", { kind: "versioned", version: "1", description: "first one" }],
    ["V1_2.3__x.sql", { kind: "versioned", version: "1.2.3", description: "x" }],
    ["V001.sql", { kind: "versioned", version: "001", description: "" }],
    ["B7__base.sql", { kind: "baseline", version: "7", description: "base" }],
    ["R__a_view.sql", { kind: "repeatable", version: null, description: "a view" }],
    ["beforeMigrate__x.sql", { kind: "callback", version: null, description: "x", event: "beforeMigrate" }],
    ["V1__x.SQL", { kind: "versioned", version: "1", description: "x" }],
    ["V1a__x.sql", null],
    ["v1__x.sql", null],
    ["notes.sql", null],
    ["R.sql", null],
  ])("%s", (file, wanted) => {
    expect(readMigrationName(file)).toEqual(wanted);
  });

  test("versions are compared number by number", () => {
    expect(["10", "2", "1.10", "1.2", "1"].toSorted(compareVersions)).toEqual([
      "1",
      "1.2",
      "1.10",
      "2",
      "10",
    ]);
    expect(compareVersions("1.0", "01")).toBe(0);
    expect(compareVersions("20260101120000123456789", "20260101120000123456790")).toBe(-1);
  });
});

const folder = (files: Readonly<Record<string, string>>, values: Record<string, string> = {}) =>
  resolveMigrations(
    Object.entries(files).map(([path, text]) => ({ path, text, settings: null })),
    placeholdersOf(values),
  );
const row = (version: string | null, text: string | null, over: Partial<HistoryRow> = {}): HistoryRow => ({
  rank: 1,
  version,
  description: "a",
  type: "SQL",
  script: `V${version}__a.sql`,
  checksum: text === null ? null : flywayChecksum(text),
  success: true,
  installedBy: "x",
  installedOn: null,
  milliseconds: 1,
  ...over,
});
const stand = (
  files: Readonly<Record<string, string>>,
  history: readonly HistoryRow[],
  outOfOrder = false,
) => {
  const { pending, problems, version } = standingOf(folder(files), history, { outOfOrder });
  return {
    pending: pending.map(({ path }) => path),
    problems: problems.map(({ problem }) => problem),
    version,
  };
};

describe("where a database stands", () => {
  const files = { "V1__a.sql": "1", "V2__a.sql": "2", "V10__a.sql": "10", "R__v.sql": "v" };

  test("an empty one takes everything, versions before repeatables", () => {
    expect(stand(files, [])).toEqual({
      pending: ["V1__a.sql", "V2__a.sql", "V10__a.sql", "R__v.sql"],
      problems: [],
      version: null,
    });
  });

  test("what was applied is not pending; 1.0 in the history is 1 in the folder", () => {
    const history = [row("1.0", "1"), row("2", "2"), row(null, "v", { description: "v" })];
    expect(stand(files, history)).toEqual({ pending: ["V10__a.sql"], problems: [], version: "2" });
  });

  test("a repeatable runs again after a change", () => {
    const history = [row("1", "1"), row("2", "2"), row("10", "10"), row(null, "old", { description: "v" })];
    expect(stand(files, history).pending).toEqual(["R__v.sql"]);
  });

  test.each([
    ["a changed file", [row("1", "other")], ["checksum-changed"]],
    ["another description", [row("1", "1", { description: "b" })], ["description-changed"]],
    ["a failed run", [row("1", "1"), row("2", "2", { success: false })], ["failed"]],
    ["a file that is gone", [row("1", "1"), row("1.5", "x"), row("2", "2")], ["missing"]],
    ["a version that came late", [row("2", "2")], ["out-of-order"]],
    ["a repeatable that is gone", [row("1", "1"), row(null, "x", { description: "w" })], ["missing"]],
    ["a newer folder's version", [row("1", "1"), row("2", "2"), row("10", "10"), row("11", "x")], []],
    ["a migration of Java's", [row("1", null, { type: "JDBC" })], ["missing"]],
    ["an undone version", [row("1", "1"), row("2", "2"), row("2", null, { type: "UNDO_SQL" })], []],
    [
      "a version given up",
      [row("1.5", "x"), row("2", "2"), row("1.5", null, { type: "DELETE" })],
      ["out-of-order"],
    ],
    ["a failed version in the middle", [row("1", "1", { success: false }), row("2", "2")], ["failed"]],
    ["a baseline file that is gone", [row("2", "b", { type: "SQL_BASELINE" })], ["missing"]],
  ])("%s", (_, history, wanted) => {
    expect(stand(files, history).problems).toEqual(wanted);
  });

  test("a version or a repeatable given up runs again where its file is back", () => {
    const gone = [row("10", null, { type: "DELETE" }), row(null, null, { type: "DELETE", description: "v" })];
    const history = [
      row("1", "1"),
      row("2", "2"),
      row("10", "10"),
      row(null, "v", { description: "v" }),
      ...gone,
    ];
    expect(stand(files, history)).toEqual({
      pending: ["V10__a.sql", "R__v.sql"],
      problems: [],
      version: "2",
    });
  });

  const late = ["out-of-order 1", "out-of-order 10"];
  test.each([
    [["*:missing"], ["missing 11", ...late]],
    [
      ["versioned:missing", "*:future"],
      ["missing w", ...late],
    ],
    [["repeatable:missing", "*:future", "versioned:ignored"], ["missing 1.5"]],
    [["*:*"], []],
  ])("passing over %j", (ignore, wanted) => {
    const history = [row("1.5", "x"), row("2", "2"), row("11", "y"), row(null, "x", { description: "w" })];
    const { problems } = standingOf(folder(files), history, { outOfOrder: false, ignore });
    expect(problems.map(({ problem, migration }) => `${problem} ${migration}`)).toEqual(wanted);
  });

  test("late versions run where that is asked for", () => {
    expect(stand(files, [row("2", "2")], true).pending).toEqual(["V1__a.sql", "V10__a.sql", "R__v.sql"]);
  });

  test("a baseline stands for everything up to it", () => {
    const history = [row("2", null, { type: "BASELINE" })];
    expect(stand(files, history)).toEqual({
      pending: ["V10__a.sql", "R__v.sql"],
      problems: [],
      version: "2",
    });
  });

  test("a baseline file stands for older versions in an empty database only", () => {
    const withBase = { ...files, "B2__base.sql": "b" };
    expect(stand(withBase, []).pending).toEqual(["B2__base.sql", "V10__a.sql", "R__v.sql"]);
    expect(stand(withBase, [row("1", "1")]).pending).toEqual(["V2__a.sql", "V10__a.sql", "R__v.sql"]);
  });

  test("two files of one version, and a placeholder without a value", () => {
    expect(stand({ "V1__a.sql": "1", "sub/V1.0__b.sql": "2" }, []).problems).toEqual(["same-version"]);
    expect(stand({ "V1__a.sql": "select $" + "{who}" }, []).problems).toEqual(["no-placeholder"]);
  });
});

test("placeholders are filled whatever their case, and count for a repeatable's checksum", () => {
  const text = "select '$" + "{WHO}' -- $" + "{flyway:filename}";
  const [migration] = folder({ "R__a.sql": text }, { who: "anna" }).migrations;
  expect(migration?.text).toBe("select 'anna' -- R__a.sql");
  expect(migration?.checksum).toBe(flywayChecksum("select 'anna' -- R__a.sql"));
  expect(migration?.plainChecksum).toBe(flywayChecksum(text));
});

test("a dollar is read together with what is behind it, as Flyway reads it", () => {
  const text = ["$$", "$x$", "$ ", "a"].map((before) => `${before}$` + "{who}").join(" ");
  const wanted = ["$$anna", "$x$$" + "{who}", "$ anna", "aanna"].join(" ");
  expect(folder({ "R__a.sql": text }, { who: "anna" }).migrations[0]?.text).toBe(wanted);
});

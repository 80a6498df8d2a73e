import { beforeAll, describe, expect, test } from "vitest";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { parseScript } from "../../src/migration/parse-script.ts";
import type { Script, SqlParser } from "../../src/migration/script.ts";

let parse: SqlParser;
beforeAll(async () => {
  parse = await loadSqlParser();
});
const read = (text: string): Script => parseScript(text, parse);
const texts = (text: string): readonly string[] => read(text).statements.map((statement) => statement.text);

describe("cutting a script into statements", () => {
  test.each([
    ["strings", "select ';' ; select 'it''s;'", ["select ';'", "select 'it''s;'"]],
    [
      "escaped strings",
      "select E'\\';', e'a''b\\';' ; select 2",
      ["select E'\\';', e'a''b\\';'", "select 2"],
    ],
    ["quoted names", 'select 1 as "a;""b"; select 2', ['select 1 as "a;""b"', "select 2"]],
    ["dollar quotes", "do $a$ begin; $$;$$ end $a$; select 1", ["do $a$ begin; $$;$$ end $a$", "select 1"]],
    [
      "a dollar inside a name",
      "select foo$b$ from c; select $b$;$b$",
      ["select foo$b$ from c", "select $b$;$b$"],
    ],
    ["nested comments", "select /* a /* ; */ ; */ 1; select 2", ["select /* a /* ; */ ; */ 1", "select 2"]],
    ["line comments", "select 1 -- a; b\n; select 2", ["select 1", "select 2"]],
    [
      "atomic bodies",
      "create function f() returns int begin atomic select case when true then 1 end; select 2; end; select 3",
      [
        "create function f() returns int begin atomic select case when true then 1 end; select 2; end",
        "select 3",
      ],
    ],
    [
      "rules of two actions",
      "create rule r as on insert to t do (select 1; select 2); select 3",
      ["create rule r as on insert to t do (select 1; select 2)", "select 3"],
    ],
    ["empty statements", ";;\n;select 1;;", ["select 1"]],
    ["nothing but comments", "-- only this\n/* and this */", []],
    ["nothing", "", []],
  ])("%s", (_, script, wanted) => {
    expect(texts(script)).toEqual(wanted);
    expect(read(script).statements.every(({ error }) => error === null)).toBe(true);
  });

  test("the rows of a COPY are no statements, whatever they hold", () => {
    const { statements } = read("copy t (a, b) from stdin;\r\n1;\t'x\r\n\\N\t-- y\r\n\\.\r\nselect 1;");
    expect(statements.map(({ text, copyData }) => [text, copyData])).toEqual([
      ["copy t (a, b) from stdin", "1;\t'x\r\n\\N\t-- y\r\n"],
      ["select 1", null],
    ]);
  });

  test("a line for psql is set aside with its place, and ends the statement before it", () => {
    const { statements, psql } = read("\\restrict abc\nselect 1 \\gset\nselect '\\d';");
    expect(psql.map(({ text, place }) => [text, place.line, place.column])).toEqual([
      ["\\restrict abc", 1, 1],
      ["\\gset", 2, 10],
    ]);
    expect(statements.map(({ text }) => text)).toEqual(["select 1", "select '\\d'"]);
  });
});

describe("places", () => {
  test("lines and columns in characters, bytes in UTF-8, after a byte order mark and over CRLF", () => {
    const { statements } = read("\uFEFF-- héé\r\nselect '😀';  select 2;\r\n\r\n  select 3");
    expect(statements.map(({ place, bytes }) => ({ ...place, bytes }))).toEqual([
      { line: 2, column: 1, byte: 13, bytes: 13 },
      { line: 2, column: 14, byte: 29, bytes: 8 },
      { line: 4, column: 3, byte: 44, bytes: 8 },
    ]);
  });

  test("an error is placed where the server points, and the rest is read nevertheless", () => {
    const { statements } = read("select 1;\n-- é\nselect 'é'\n  form x y;\nselect 2");
    expect(statements.map(({ error }) => error)).toEqual([
      null,
      { message: 'syntax error at or near "x"', place: { line: 4, column: 8, byte: 35 } },
      null,
    ]);
  });

  test("what nothing closes is said in the server's words", () => {
    expect(read("select 'abc").statements[0]?.error?.message).toContain("unterminated quoted string");
    expect(read("select 1; /* abc").statements[1]?.error?.message).toContain("unterminated /* comment");
    expect(read("select $a$ abc").statements[0]?.error?.message).toContain(
      "unterminated dollar-quoted string",
    );
  });

  test("a zero byte does not hide what follows it", () => {
    expect(read("select 1 \0; drop table t").statements[0]?.error).toMatchObject({ place: { column: 10 } });
  });

  test("nesting beyond all measure is an error, and the parser still works after it", () => {
    const deep = `select ${"(".repeat(100_000)}1${")".repeat(100_000)}`;
    expect(read(deep).statements[0]?.error).not.toBeNull();
    expect(read("select 1").statements[0]?.error).toBeNull();
  });
});

test("comments belong to the statement that follows, or to the one they stand behind", () => {
  const { statements, loose } = read("-- a\nselect 1 /* b */ + 2; -- c\n-- d\nselect 3;\n-- e");
  expect(statements.map(({ comments }) => comments.map(({ text }) => text))).toEqual([
    ["a", "b", "c"],
    ["d"],
  ]);
  expect(loose.map(({ text }) => text)).toEqual(["e"]);
});

test("placeholders are read as names, in place", () => {
  const script = "alter table $(schema).t add c int; select 1 as $(flyway:user) from t where;";
  const { statements } = read(script.replaceAll(/\$\((.*?)\)/g, (_, name) => `\${${name}}`));
  expect(statements.map(({ error }) => error?.place.column)).toEqual([undefined, 75]);
});

// Of the parser's own scanner each of these takes minutes.
test("comments nested deep keep nobody waiting, closed or not", () => {
  const deep = 50_000;
  const closed = `${"/*".repeat(deep)}${"*/".repeat(deep)}`;
  const read = parseScript(`select ${closed} 1, '${"/*".repeat(200)}';`, parse);
  expect(read.statements.map(({ nodes, error }) => [nodes.length, error])).toEqual([[1, null]]);
  const open = parseScript(`select 1;\nselect é ${"/*".repeat(deep)}`, parse).statements.map(
    ({ error }) => error,
  );
  expect(open).toEqual([
    null,
    { message: "unterminated /* comment", place: expect.objectContaining({ line: 2, column: 10 }) },
  ]);
  expect(parse.plpgsql(`do $$ begin ${closed} drop table t; end $$`).ok).toBe(false);
});

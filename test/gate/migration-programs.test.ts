// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Liquibase writes its parameters with the same signs.
import { describe, expect, test } from "vitest";
import { holdsBeforePlan, standingOf } from "../../src/gate/before-plan.ts";
import { type MigrationSource, migrationPrograms } from "../../src/gate/migration-programs.ts";
import type { CodeFolder } from "../../src/gate/surface-item.ts";
import { PLAN_GATE } from "../../src/model/plan-gate.ts";

type Files = Readonly<Record<string, string | Uint8Array>>;

const sources = (files: Files): readonly MigrationSource[] =>
  Object.entries(files).map(([name, text]) => ({
    path: `db/${name}`,
    kind: "file",
    bytes: typeof text === "string" ? Buffer.from(text) : text,
  }));
const folder = (files: Files): CodeFolder => ({
  dir: "db",
  root: "db",
  files: [],
  programs: migrationPrograms(sources(files)),
});
const held = (head: Files, before: Files = {}) =>
  holdsBeforePlan({
    folders: [folder(head)],
    standing: standingOf([folder(before)]),
    changed: [],
    policy: PLAN_GATE,
  });

const xml = (inside: string, id = 1) =>
  `<databaseChangeLog>\n<changeSet id="${id}" author="me">${inside}</changeSet>\n</databaseChangeLog>`;
const COMMAND = '<executeCommand executable="sh"><arg value="-c"/><arg value="env"/></executeCommand>';

const RUN: readonly (readonly [what: string, name: string, text: string | Uint8Array])[] = [
  ["a command", "changelog.xml", xml(COMMAND)],
  [
    "a command under a prefix",
    "changelog.XML",
    xml(COMMAND.replaceAll("executeCommand", "x:executeCommand")),
  ],
  ["a class", "a/changelog.xml", xml('<customChange class="Evil"/>')],
  ["a class that is asked first", "changelog.yml", "- customPrecondition:\n    className: Evil"],
  ["a command in YAML, by its letters' numbers", "c.yaml", '- "execute\\x43ommand":\n    executable: sh'],
  ["a command in YAML, folded", "c.yaml", '- "execute\\\n  Command":\n    executable: sh'],
  ["a command in JSON, by its letters' numbers", "c.json", '{"execute\\u0043ommand": {"executable": "sh"}}'],
  [
    "psql, which runs programs",
    "c.sql",
    "--liquibase formatted sql\n--changeset me:1 runWith:psql\nselect 1;",
  ],
  ["entities", "c.xml", `<!DOCTYPE x [<!ENTITY e "&#x65;xecuteCommand">]>${xml("&e;")}`],
  ["another encoding", "c.xml", Buffer.from(xml(COMMAND), "utf16le")],
  ["an encoding that hides every letter", "c.xml", Uint8Array.of(0x4c, 0x6f, 0xa7, 0x94, 0x93)],
  ["a large file", "c.xml", "version https://git-lfs.github.com/spec/v1\noid sha256:00\n"],
  ["a script migration", "V2__evil.sh", "env"],
  ["a repeatable one", "R__evil.PS1", "env"],
  ["a callback", "beforeMigrate__x.bash", "env"],
  ["a class file", "db/V3__Evil.class", ""],
  ["an archive", "lib/evil.jar", ""],
];

describe("migrations that are more than SQL are not planned", () => {
  test.each(RUN)("%s in %s", (_, name, text) => {
    const [hold] = held({ [name]: text });
    expect(hold).toMatchObject({ check: "programs", verdict: "deny", path: `db/${name}` });
  });

  test("links and submodules, behind which nobody looks", () => {
    const bytes = new Uint8Array();
    for (const kind of ["symlink", "submodule"] as const)
      expect(migrationPrograms([{ path: "db/more", kind, bytes }])).toHaveLength(1);
  });

  test("SQL is, in each of its forms, and what lies beside it", () => {
    const files: Files = {
      "V1__a.sql": "create table a (customChange int); -- executeCommand",
      "beforeMigrate.sql": "select 1;",
      "changelog.sql": "--liquibase formatted sql\n--changeset me:1 runWith:jdbc\nselect 1;",
      "changelog.xml": xml("<sql>select 1</sql>"),
      "changelog.yaml": "databaseChangeLog:\n- changeSet:\n    runWith: jdbc\n    changes: []",
      "README.md": "executeCommand",
      "run.sh": "flyway migrate",
    };
    expect(held(files)).toEqual([]);
  });

  test("what the protected branch has goes on as it is, and not otherwise", () => {
    const before = { "changelog.xml": xml(COMMAND) };
    const appended = xml(COMMAND).replace("</databaseChangeLog>", xml("<sql>select 1</sql>", 2));
    expect(held({ "changelog.xml": appended }, before)).toEqual([]);
    const [hold] = held({ "changelog.xml": xml(COMMAND.replace("env", "curl evil")) }, before);
    expect(hold).toMatchObject({ line: 2, message: "executeCommand runs a program: new" });
    expect(held({ "V1__a.sh": "two" }, { "V1__a.sh": "one" })).toHaveLength(1);
  });

  test("a parameter makes another command of the same words", () => {
    const command = xml(COMMAND.replace("env", "${what}"));
    const before = { "changelog.xml": command, "values.xml": '<property name="what" value="true"/>' };
    expect(held(before, before)).toEqual([]);
    const head = { ...before, "values.xml": '<property name="what" value="env"/>' };
    expect(held(head, before)).toHaveLength(1);
  });
});

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { askFlyway } from "../../src/adapters/flyway-command.ts";
import { jdbcConnection } from "../../src/adapters/jdbc-url.ts";
import { pendingChangesets } from "../../src/adapters/liquibase-command.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import type { MigrationCall } from "../../src/ports/migrations.ts";
import { cli, folder } from "../cli/world.ts";

describe("a URL for the driver", () => {
  test.each([
    ["postgres://me:p%40ss@db:5433/orders", "jdbc:postgresql://db:5433/orders"],
    ["postgresql://me@db/orders?sslmode=require", "jdbc:postgresql://db:5432/orders?sslmode=require"],
    [
      "postgres://me@db/o?application_name=x%20y&password=p%40ss",
      "jdbc:postgresql://db:5432/o?ApplicationName=x%20y",
    ],
  ])("%s", (given, wanted) => {
    const { url, user } = jdbcConnection(given);
    expect([url, user]).toEqual([wanted, "me"]);
    expect(url).not.toContain("p%40ss");
  });

  test("settings of the session, beside the URL's own", () => {
    const { url, password } = jdbcConnection("postgres://me:p%40ss@db/o?options=-c%20a%3D1", {
      lock_timeout: "5s",
    });
    expect(new URL(url.slice("jdbc:".length)).searchParams.get("options")).toBe("-c a=1 -c lock_timeout=5s");
    expect(password).toBe("p@ss");
  });

  test.each(["pglite:", "mysql://x/y", "postgres://me@/o?host=/var/run"])("%s is out of reach", (url) => {
    expect(() => jdbcConnection(url)).toThrow(/needs/);
  });
});

const CALL: MigrationCall = {
  workspace: "here//db#x",
  dir: "/folder",
  shown: "db",
  database: {
    tool: "flyway",
    url: { read_only: null, migration: null, backfill: null, rehearsal: null },
    schemas: ["app"],
    historyTable: null,
    placeholders: { "a b": "geheim-2\n" },
    outOfOrder: false,
    baselineVersion: null,
    changelog: "changelog.xml",
    lockTimeout: "5s",
    statementTimeout: "1min",
    rehearsal: { enabled: false, rowLimit: 0, timeoutSeconds: 0 },
  },
  url: async () => "",
};
const URL_WITH_PASSWORD = "postgres://me:geheim-1@db/o";

/** A program that writes down how it was called, says its secrets, and fails. */
const spy = () => {
  const dir = folder();
  const path = join(dir, "tool");
  const write = `printf '%s\\n' "$@" > "${dir}/args"; env > "${dir}/env"`;
  writeFileSync(path, `#!/bin/sh\n${write}\necho "geheim-1 is the password" >&2\nexit 1\n`, { mode: 0o755 });
  const redactor = createRedactor();
  redactor.learn("geheim-1");
  const env = { PATH: process.env["PATH"] ?? "" };
  const said = (what: "args" | "env") => readFileSync(join(dir, what), "utf8");
  return { said, program: { name: "flyway" as const, path, env, redactor, sandbox: null } };
};

test("secrets stand in no argument and in no error, and nothing else of the environment is handed on", async () => {
  const { program, said } = spy();
  const failed = await askFlyway(program, CALL, URL_WITH_PASSWORD, ["info"]).catch(
    (thrown: unknown) => thrown,
  );
  expect(failed).toMatchObject({ code: "sql-failed" });
  expect(JSON.stringify(failed)).not.toContain("geheim");
  expect(said("args")).not.toContain("geheim");
  expect(said("args")).toContain("-schemas=app");
  expect(said("env")).toContain("FLYWAY_PASSWORD=geheim-1");
  expect(said("env")).not.toMatch(/geheim-2|PLUMBLINE/);

  const other = spy();
  const { refused } = await pendingChangesets(other.program, CALL, URL_WITH_PASSWORD);
  expect(refused).not.toContain("geheim");
  expect(other.said("args")).toBe("--search-path=/folder\nupdate-sql\n");
  expect(other.said("env")).toContain("LIQUIBASE_COMMAND_PASSWORD=geheim-1");
  expect(other.said("env")).not.toMatch(/geheim-2|PLUMBLINE/);
});

test.each(["flyway", "liquibase"])("%s that is not there is said with what to do", async (tool) => {
  const dir = folder();
  const argv = ["sql", "plan", dir, "--url", "postgres://me@127.0.0.1:1/db", "--tool", tool, "--json"];
  const { code, out } = await cli(argv, { env: { PATH: "/nowhere" } });
  expect(code).toBe(1);
  expect(JSON.parse(out).error).toMatchObject({
    code: "engine-missing",
    hint: expect.stringContaining(`PLUMBLINE_${tool.toUpperCase()}`),
  });
});

test.each([
  ["--tool", "sqitch"],
  ["--tool", "flyway", "--mixed"],
  ["--tool", "liquibase", "--ignore", "*:missing"],
])("%j is refused", async (...more) => {
  const argv = ["sql", "plan", folder(), "--url", "postgres://me@127.0.0.1:1/db", ...more];
  expect((await cli(argv)).code).toBe(64);
});

import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { migrationEngines } from "../../src/adapters/migration-engines.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import type { Sandbox } from "../../src/adapters/sandbox.ts";
import type { MigrationTool } from "../../src/model/database.ts";
import { installedTool } from "./tools.ts";
import {
  callOf,
  type Files,
  folderOf,
  freshDatabase,
  missing,
  rowsOf,
  sandboxHere,
  start,
  stop,
} from "./world.ts";

const sandbox = await sandboxHere();
const without =
  missing ??
  (installedTool("liquibase", process.env) === null
    ? "no Liquibase here"
    : sandbox === null
      ? "no bubblewrap here"
      : null);

const open = async (tool: MigrationTool, files: Files, box: Sandbox | null = sandbox) => {
  const env = {
    ...process.env,
    PLUMBLINE_FLYWAY: installedTool("flyway", process.env) ?? "",
    PLUMBLINE_LIQUIBASE: installedTool("liquibase", process.env) ?? "",
    HTTPS_PROXY: "http://me:geheim@proxy:1",
  };
  const parts = { env, redactor: createRedactor(), sandbox: box };
  const engine = await migrationEngines(await loadSqlParser(), parts).pick(tool);
  const url = await freshDatabase();
  const call = callOf(tool, folderOf(files), url);
  const migrate = async () => {
    const { pending, problems } = await engine.plan(call);
    expect(problems).toEqual([]);
    return engine.migrate(call, { expected: pending, progress: async () => {} });
  };
  return { url, call, migrate };
};

/** A changelog that runs a command beside its SQL. */
const running = (script: string): Files => ({
  "changelog.yaml": JSON.stringify({
    databaseChangeLog: [
      { changeSet: { id: "1", author: "me", changes: [{ sql: { sql: "create table a (id int)" } }] } },
      {
        changeSet: {
          id: "2",
          author: "me",
          changes: [
            {
              executeCommand: {
                executable: "/bin/bash",
                args: [{ arg: { value: "-c" } }, { arg: { value: script } }],
              },
            },
          ],
        },
      },
    ],
  }),
});

describe.skipIf(without !== null)(
  `what a migration tool may touch${without === null ? "" : `: ${without}`}`,
  () => {
    let listener: Server;
    beforeAll(async () => {
      await start();
      listener = createServer((socket) => socket.end("here\n")).listen(0, "127.0.0.1");
      await once(listener, "listening");
    }, 120_000);
    afterAll(async () => {
      listener.close();
      await stop();
    }, 120_000);

    test("a command of a changelog finds neither the machine's files nor its network nor its variables", async () => {
      const elsewhere = folderOf({ key: "canary" });
      const { port } = listener.address() as AddressInfo;
      const script = [
        `! test -e ${elsewhere}/key`,
        `! (exec 3<>/dev/tcp/127.0.0.1/${port}) 2>/dev/null`,
        "! env | grep -iE 'proxy=|VITEST|GOPATH'",
        "! touch /usr/x 2>/dev/null",
        "test $HOME = /tmp/home",
      ].join(" && ");
      const { url, migrate } = await open("liquibase", running(script));
      expect(await migrate()).toMatchObject({ failure: null });
      expect(await rowsOf(url, "select 1 as one from a")).toEqual([]);

      const bare = await open("liquibase", running(script), null);
      expect((await bare.migrate()).failure).toMatchObject({ script: expect.stringContaining("::2::") });
    }, 300_000);

    test.each<[MigrationTool, Files]>([
      ["flyway", { "V1__a.sql": "create table a (id int);" }],
      [
        "liquibase",
        { "changelog.sql": "--liquibase formatted sql\n--changeset me:1\ncreate table a (id int);" },
      ],
    ])("%s heeds no settings that lie in the folder", async (tool, files) => {
      const { url, call, migrate } = await open(tool, files);
      const nowhere = "jdbc:postgresql://127.0.0.1:1/nowhere";
      const settings: Readonly<Record<string, string>> = {
        "flyway.toml": `[environments.default]\nurl = "${nowhere}"\n[flyway]\nlocations = ["filesystem:/"]\n`,
        "flyway.user.toml": `[environments.default]\nurl = "${nowhere}"\n`,
        "flyway.conf": `flyway.url=${nowhere}\nflyway.jarDirs=.\n`,
        "conf/flyway.conf": `flyway.url=${nowhere}\n`,
        "liquibase.properties": `url: ${nowhere}\nclasspath: evil.jar\n`,
        "liquibase.local.properties": `url: ${nowhere}\n`,
        "liquibase.flowvariables.yaml": `url: ${nowhere}\n`,
      };
      for (const [name, text] of Object.entries(settings).filter(([path]) => !path.includes("/")))
        writeFileSync(join(call.dir, name), text);
      expect(await migrate()).toMatchObject({ failure: null });
      expect(await rowsOf(url, "select 1 as one from a")).toEqual([]);
    });
  },
);

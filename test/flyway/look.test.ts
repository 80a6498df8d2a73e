import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtinMigrations } from "../../src/adapters/builtin-migrations.ts";
import { lookByHistory } from "../../src/adapters/flyway-cli-look.ts";
import { loadSqlParser } from "../../src/adapters/libpg.ts";
import { folderArgument, named, whyRunning } from "../../src/adapters/migration-alive.ts";
import { openTarget } from "../../src/adapters/pg-target.ts";
import { binaries } from "../contract/databases.ts";
import { callOf, folderOf, freshDatabase, start, stop } from "./world.ts";

const LAST = {
  ...{ script: "V1__a.sql", version: "1", checksum: "1", state: "running" as const, transactional: true },
  ...{ statement: 0, statements: 0, attempt: 1, backend: null },
};

describe.skipIf(binaries() === null)(
  "a run of Flyway's whose service was killed (skipped without PostgreSQL)",
  () => {
    beforeAll(start, 120_000);
    afterAll(stop, 120_000);

    const look = async () => {
      const call = callOf(
        "flyway",
        folderOf({ "V1__a.sql": "create table a (id int);" }),
        await freshDatabase(),
      );
      const builtin = builtinMigrations(await loadSqlParser());
      return { call, now: () => lookByHistory(builtin, call, LAST) };
    };

    test("is not over while its process lives, although it has not come to its lock yet", async () => {
      const { call, now } = await look();
      const argument = folderArgument("flyway", call.dir);
      const child = spawn("/bin/sh", ["-c", "echo up; read line", "flyway", argument], {
        stdio: ["pipe", "pipe", "ignore"],
      });
      await once(child.stdout, "data");
      expect(await now()).toMatchObject({
        running: true,
        state: "unknown",
        why: expect.stringContaining("process of flyway"),
      });
      expect(await whyRunning("flyway", call)).toContain("process of flyway");
      child.stdin.end();
      await once(child, "exit");
      expect(await now()).toMatchObject({ running: false, state: "failed-clean" });
    });

    test("is not over while the server still works for it", async () => {
      const { call, now } = await look();
      const session = await openTarget(named(await call.url("migration"), call, true));
      expect(await now()).toMatchObject({
        running: true,
        state: "unknown",
        why: expect.stringContaining("session of flyway"),
      });
      await session.close();
      expect(await now()).toMatchObject({ running: false, state: "failed-clean" });
    });
  },
);

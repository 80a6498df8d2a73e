import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { REPO, type Stage } from "../../demo/story/stage.ts";
import { ROLES } from "../../src/wire-parts.ts";
import { openScaleHome, openScaleStage, type ScaleHome, scaleMissing } from "./home.ts";
import type { Replica } from "./replica.ts";
import { type Replicas, startReplicas } from "./replicas.ts";
import { until } from "./until.ts";

describe.skipIf(scaleMissing !== null)(
  `a process for each role (${scaleMissing ?? "PostgreSQL and S3"})`,
  () => {
    let home: ScaleHome;
    let stage: Stage;
    let replicas: Replicas;
    const roleOf = (role: (typeof ROLES)[number]): Replica => {
      const replica = replicas.all[ROLES.indexOf(role)];
      if (!replica) throw new Error(`There is no ${role}.`);
      return replica;
    };
    beforeAll(async () => {
      home = await openScaleHome();
      stage = await openScaleStage(home, async (parts) => {
        replicas = await startReplicas({ ...parts, roles: ROLES });
        return { ...replicas, tick: async () => Number(await roleOf("scheduler").ask("tick")) };
      });
    }, 120_000);
    afterAll(async () => {
      await stage?.close();
      await home?.close();
    });

    const runs = async (kind: "plan" | "apply" | "drift") =>
      (await replicas.world.ledger.runs.list({ kind })).map(
        ({ workspace, state }) => `${workspace} ${state}`,
      );

    test("only web listens, whatever the configuration says", () => {
      expect(listens(roleOf("web").pid)).toBe(true);
      for (const role of ["worker", "scheduler"] as const) {
        expect(roleOf(role).url).toBe("");
        expect(listens(roleOf(role).pid)).toBe(false);
      }
    });

    test("a pull request is planned and applied by the three together", { timeout: 120_000 }, async () => {
      const { forge } = stage;
      const before = (await forge.read(REPO, "main", "network/variables.tf")) ?? "";
      const files = { "network/variables.tf": before.replace('"platform"', '"roles"') };
      await forge.as("dana").pushFiles(REPO, "roles", files, "Another team");
      const number = await forge.as("dana").openPull(REPO, { title: "Roles", head: "roles" });
      const succeeded = (context: string) =>
        forge
          .statuses(REPO, forge.pull(REPO, number).pull.headSha)
          .find((one) => one.context === context && one.state === "success");
      await until(60, () => succeeded("plumbline/plan"));
      await forge.as("dana").merge({ repo: REPO, number });
      await until(60, () => succeeded("plumbline/apply: network"));
      expect(await runs("apply")).toEqual([`${REPO}//network#default succeeded`]);
      expect(forge.deliveries.every(({ status }) => status === null || status < 300)).toBe(true);
      expect([...replicas.balancer.answered.keys()]).toEqual([roleOf("web").url]);
      expect(await replicas.world.ledger.audit.verify()).toBeNull();
    });

    test("the scheduler says when to look, the worker looks", { timeout: 120_000 }, async () => {
      await stage.settled();
      await replicas.toNextHalfHour();
      const before = (await runs("drift")).length;
      expect(Number(await roleOf("scheduler").ask("tick"))).toBeGreaterThan(0);
      await until(60, async () => {
        const now = await runs("drift");
        return now.length > before && now.every((one) => one.endsWith("succeeded")) ? now : null;
      });
      // Whoever works has checkouts.
      const worked = ROLES.filter((_, index) => existsSync(join(home.dir, `replica-${index}`, "git")));
      expect(worked).toEqual(["worker"]);
    });
  },
);

/** Whether a process of this machine waits for connections. */
const listens = (pid: number): boolean => {
  const sockets = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
    } catch {
      return undefined;
    }
  });
  const waiting = ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === LISTEN)
      .map((columns) => columns[9]),
  );
  return sockets.some((socket) => socket !== undefined && waiting.includes(socket));
};
const LISTEN = "0A";

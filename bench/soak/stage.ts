import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildMirror } from "../../demo/cloud/build.ts";
import { type Console, openAccount } from "../../demo/cloud/console.ts";
import { type LocalForge, startForge } from "../../demo/forge/forge.ts";
import { type StateServer, startStateServer } from "../../demo/state/server.ts";
import { asApp, localServer } from "../../demo/story/local-server.ts";
import { PLAN_CHECKS, PLAN_GATE } from "../../src/model/plan-gate.ts";
import { freePort } from "../../test/contract/free-port.ts";
import type { Seeded } from "../seeded.ts";
import { rootOf, type SoakWorkspace, soakWorkspaces } from "./code.ts";
import { type Relay, startRelay } from "./relay.ts";
import { type Replica, startReplica } from "./replica.ts";

/** A forge, a cloud and a state store that outlive the service. */
export interface SoakStage {
  readonly dir: string;
  readonly forge: LocalForge;
  readonly cloud: Console;
  readonly state: StateServer;
  readonly relay: Relay;
  readonly replica: Replica;
  readonly workspaces: readonly SoakWorkspace[];
  /** Absolute path of the log of effects. */
  readonly effects: string;
  /** Folder with worktrees of runs. */
  readonly worktrees: string;
  readonly scratch: string;
  /** Everything that was sent has been handled, and what that made too. */
  quiet(): Promise<void>;
  close(): Promise<void>;
}

const PER_REPO = 20;

export const openSoakStage = async (
  env: Readonly<Record<string, string | undefined>>,
  count: number,
  chance: Seeded,
): Promise<SoakStage> => {
  const dir = await mkdtemp(join(tmpdir(), "plumbline-soak-"));
  const { mirror } = await buildMirror(join(tmpdir(), "plumbline-test-cloud"));
  const cloud = openAccount(join(dir, "cloud.json"));
  const state = await startStateServer(join(dir, "state"));
  const forge = await startForge({ dir: join(dir, "forge") });
  for (const person of ["dana", "sam"]) forge.addUser(person, "write");
  const workspaces = soakWorkspaces(count, PER_REPO);
  const app = forge.addApp("plumbline");
  for (const [repo, own] of Map.groupBy(workspaces, (one) => one.repo)) {
    const roots = own.map((one) => [`${one.dir}/main.tf`, rootOf(one, state.url)]);
    await forge.createRepo(repo, {
      files: { ".gitignore": ".terraform/\n.terraform.lock.hcl\n", ...Object.fromEntries(roots) },
    });
  }
  const base = localServer({
    dir,
    repoAllowlist: [...new Set(workspaces.map(({ repo }) => repo))],
    forge: asApp(forge, app),
    engine: env["PLUMBLINE_ENGINE"] ?? null,
    env: { DEMOCLOUD_ACCOUNT_FILE: cloud.file },
  });
  const config = {
    ...base,
    listen: { host: "127.0.0.1", port: await freePort() },
    planGate: { ...PLAN_GATE, checks: ALLOWED },
    polling: { enabled: true, intervalSeconds: 60 },
    drift: { ...base.drift, schedule: "0 0 1 1 *" },
  };
  const relay = await startRelay(`http://127.0.0.1:${config.listen.port}/webhooks/github`, chance);
  forge.addWebhook(relay.url, config.webhookSecrets[0] ?? null);
  const replica = await startReplica(dir, { config, mirror, seed: chance.below(2 ** 31) });
  return {
    ...{ dir, forge, cloud, state, relay, replica, workspaces },
    effects: join(dir, "effects.log"),
    worktrees: join(config.dataDir, "git", "worktrees"),
    scratch: join(config.dataDir, "scratch"),
    quiet: () => untilQuiet(forge, relay, replica),
    close: async () => {
      await forge.stop();
      await relay.close();
      await state.close();
    },
  };
};

/** One person tests the gate before plans elsewhere; here everything is new all the time. */
const ALLOWED = Object.fromEntries(PLAN_CHECKS.map((check) => [check, "allow"])) as typeof PLAN_GATE.checks;

const untilQuiet = async (forge: LocalForge, relay: Relay, replica: Replica): Promise<void> => {
  for (let seen = -1; seen !== forge.deliveries.length; ) {
    seen = forge.deliveries.length;
    await forge.webhooksIdle();
    await relay.idle();
    await replica.ask({ ask: "idle" });
  }
};

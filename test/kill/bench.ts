import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildMirror } from "../../demo/cloud/build.ts";
import { type Console, openAccount } from "../../demo/cloud/console.ts";
import { type LocalForge, startForge } from "../../demo/forge/forge.ts";
import { startStateServer } from "../../demo/state/server.ts";
import { asApp, localServer } from "../../demo/story/local-server.ts";
import type { ServerConfig } from "../../src/model/config.ts";
import { freePort } from "../contract/free-port.ts";
import { NO_PLAN_GATE } from "../story/small-stage.ts";
import { type Answered, judge } from "./judge.ts";
import { type Replica, settledTo, startReplica, whereDead } from "./replica.ts";
import type { Facts, KillPoint } from "./service-program.ts";

/** A forge, a cloud and a state store that outlive the service, whose process is killed again and again. */
export interface KillBench {
  /** Merges a pull request of its own with nobody dying. Returns every call on a port, in order. */
  dryRun(): Promise<readonly string[]>;
  /** Merges one, kills the service there (and its successor at `then`), and judges what became of it. */
  kill(point: KillPoint, then?: KillPoint): Promise<Answered>;
  close(): Promise<void>;
}

const REPO = "acme/kill";

export interface KillBenchOptions {
  /** How long the cloud takes to make the thing. */
  readonly delayMs?: number;
  /** Every engine in a sandbox of its own, which must outlive the service while it applies. */
  readonly sandboxed?: boolean;
  /** Another database or store than the embedded ones. */
  readonly place?: (config: ServerConfig) => ServerConfig;
}

export const openKillBench = async ({
  delayMs = 300,
  sandboxed = false,
  place = (config) => config,
}: KillBenchOptions = {}): Promise<KillBench> => {
  const dir = await mkdtemp(join(tmpdir(), "plumbline-kill-"));
  const { mirror } = await buildMirror(join(tmpdir(), "plumbline-test-cloud"));
  const cloudDir = join(dir, "cloud");
  await mkdir(cloudDir);
  const cloud = openAccount(join(cloudDir, "cloud.json"));
  cloud.edit((account) => {
    account.faults = { "kafka_topic.create": { delayMs } };
  });
  const state = await startStateServer(join(dir, "state"));
  const forge = await startForge({ dir: join(dir, "forge") });
  forge.addUser("dana", "write");
  const sandbox = { mode: "required", read: [], write: [cloudDir], egress: null } as const;
  const config = place({ ...(await configOf(dir, forge, cloud)), ...(sandboxed ? { sandbox } : {}) });
  await forge.createRepo(REPO, { files: { "README.md": "# Killed\n", ".gitignore": ".terraform*\n" } });
  forge.addWebhook(
    `http://127.0.0.1:${config.listen.port}/webhooks/github`,
    config.webhookSecrets[0] ?? null,
  );
  const launch = (arm: KillPoint | null = null): Promise<Replica> =>
    startReplica(dir, { config, mirror, arm });
  let replica = await launch();
  let last = 0;

  const propose = async (): Promise<Proposed> => {
    last += 1;
    const name = `p${last}`;
    const address = `${state.url}/state/${name}`;
    const files = { [`${name}/main.tf`]: rootOf(name, address) };
    await forge.as("dana").pushFiles(REPO, name, files, "Change", { from: "main" });
    const number = await forge
      .as("dana")
      .openPull(REPO, { title: name, head: name, base: "main", draft: false });
    await settledTo(forge, replica, () => planned(forge, number));
    return { name, number };
  };
  const settled = async (proposed: Proposed): Promise<Facts> => {
    const facts = (): Promise<Facts> => replica.ask({ ask: "facts", ...placeOf(proposed) }) as Promise<Facts>;
    await settledTo(forge, replica, async () => isOver(await facts()));
    return facts();
  };
  const mergeAndSettle = async (proposed: Proposed): Promise<Facts> => {
    await forge.as("dana").merge({ repo: REPO, number: proposed.number }, "merge");
    return settled(proposed);
  };
  return {
    dryRun: async () => {
      const proposed = await propose();
      await replica.ask({ ask: "arm", point: null });
      await mergeAndSettle(proposed);
      return (await replica.ask({ ask: "calls" })) as readonly string[];
    },
    kill: async (point, then) => {
      const proposed = await propose();
      await replica.ask({ ask: "arm", point });
      const first = await mergeAndSettle(proposed).catch(whereDead(replica));
      const reached = first === null;
      if (reached) {
        replica = await launch(then ?? null).catch(() => launch());
        await replica.ask({ ask: "poll", repo: REPO }).catch(() => null);
      }
      let facts = first ?? (await settled(proposed).catch(whereDead(replica)));
      if (facts === null) {
        replica = await launch();
        await replica.ask({ ask: "poll", repo: REPO });
        facts = await settled(proposed);
      }
      await replica.ask({ ask: "arm", point: null });
      return judge({ ...proposed, repo: REPO, point, reached, facts, forge, cloud });
    },
    close: async () => {
      await replica.end();
      await forge.stop();
      await state.close();
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

interface Proposed {
  readonly name: string;
  readonly number: number;
}

const placeOf = ({ name, number }: Proposed) => ({
  pull: { repo: REPO, number },
  workspace: `${REPO}//${name}#default`,
});

const planned = (forge: LocalForge, number: number): boolean =>
  forge
    .statuses(REPO, forge.pull(REPO, number).pull.headSha)
    .some((status) => status.context === "plumbline/plan" && status.state === "success");

const isOver = ({ applies, leased }: Facts): boolean =>
  !leased &&
  applies.length > 0 &&
  applies.every(({ state }) => ["succeeded", "failed", "interrupted", "cancelled"].includes(state)) &&
  applies[0]?.state !== "interrupted";

const rootOf = (name: string, address: string): string => `terraform {
  backend "http" {
    address        = "${address}"
    lock_address   = "${address}"
    unlock_address = "${address}"
  }
  required_providers {
    kafka = {
      source  = "mongey/kafka"
      version = "0.13.0"
    }
  }
}
resource "kafka_topic" "it" {
  name               = "${name}"
  partitions         = 1
  replication_factor = 1
}
`;

const configOf = async (dir: string, forge: LocalForge, cloud: Console): Promise<ServerConfig> => {
  const app = forge.addApp("plumbline");
  const config = localServer({
    dir,
    repoAllowlist: ["acme/*"],
    forge: asApp(forge, app),
    engine: process.env["PLUMBLINE_ENGINE"] ?? null,
    env: { DEMOCLOUD_ACCOUNT_FILE: cloud.file },
  });
  return { ...config, planGate: NO_PLAN_GATE, listen: { host: "127.0.0.1", port: await freePort() } };
};

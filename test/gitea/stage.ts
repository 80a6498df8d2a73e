import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildMirror } from "../../demo/cloud/build.ts";
import { type Console, openAccount } from "../../demo/cloud/console.ts";
import { startStateServer } from "../../demo/state/server.ts";
import { type MovableClock, movableClock } from "../../demo/story/clock.ts";
import { localServer } from "../../demo/story/local-server.ts";
import type { ServerConfig } from "../../src/model/config.ts";
import { type Service, startService } from "../../src/wire.ts";
import { type Gitea, startGitea } from "./server.ts";

/** A real Gitea, a real engine, a cloud that is a file, and the whole service between them. */
export interface GiteaStage {
  readonly gitea: Gitea;
  readonly service: Service;
  readonly cloud: Console;
  readonly stateUrl: string;
  /** Resolves when neither Gitea nor Plumbline has anything left to do. */
  settled(): Promise<void>;
  /** The schedule's next half hour. */
  nextLook(): Promise<void>;
  webhook(repo: string): Promise<void>;
  close(): Promise<void>;
}

const SECRET = "a secret between a real Gitea and us";

export const openGiteaStage = async (): Promise<GiteaStage> => {
  const dir = await mkdtemp(join(tmpdir(), "plumbline-gitea-story-"));
  const { mirror } = await buildMirror(join(tmpdir(), "plumbline-test-cloud"));
  const cloud = openAccount(join(dir, "cloud.json"));
  const state = await startStateServer(join(dir, "state"));
  const gitea = await startGitea();
  const clock = movableClock();
  const service = await startService(configOf(dir, gitea, cloud), {
    version: "0.0.0",
    env: process.env,
    writeLog: () => undefined,
    mirror,
    minuteHand: false,
    clock,
  });
  const settled = (): Promise<void> => untilQuiet(gitea, service);
  return {
    ...{ gitea, service, cloud, stateUrl: state.url, settled },
    nextLook: () => nextLook(clock, service, settled),
    webhook: (repo) => gitea.addWebhook(repo, `${service.url}/webhooks/gitea`, SECRET),
    close: async () => {
      await service.stop();
      await gitea.stop();
      await state.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
};

// A push makes a webhook, a webhook work, work a push: a drift pull request goes round twice, and once more is quiet.
const ROUNDS = 4;

const untilQuiet = async (gitea: Gitea, service: Service): Promise<void> => {
  for (let round = 0; round < ROUNDS; round += 1) {
    await gitea.settle();
    await service.idle();
  }
};

const nextLook = async (clock: MovableClock, service: Service, settled: () => Promise<void>) => {
  clock.toNextHalfHour();
  await service.tick();
  await settled();
};

const configOf = (dir: string, gitea: Gitea, cloud: Console): ServerConfig => ({
  ...localServer({
    dir,
    repoAllowlist: [`${gitea.adminLogin}/*`],
    forge: { type: "gitea", apiUrl: gitea.url, token: gitea.adminToken },
    engine: process.env["PLUMBLINE_ENGINE"] ?? null,
    env: { DEMOCLOUD_ACCOUNT_FILE: cloud.file },
  }),
  webhookSecrets: [SECRET],
});

import { join } from "node:path";
import { type LocalForge, startForge } from "../demo/forge/forge.ts";
import { startStateServer } from "../demo/state/server.ts";
import { asApp, localServer } from "../demo/story/local-server.ts";
import { untilQuiet } from "../demo/story/quiet.ts";
import type { ServerConfig } from "../src/model/config.ts";
import { type Service, startService } from "../src/wire.ts";

export interface BenchRepo {
  readonly name: string;
  /** Folders of its workspaces, one resource each. */
  readonly dirs: readonly string[];
}

/** A forge, a state backend and Plumbline, with one repository per size. */
export interface BenchStage {
  readonly forge: LocalForge;
  readonly service: Service;
  /** What its webhooks are signed with. */
  readonly secret: string;
  readonly repos: readonly BenchRepo[];
  /** Clone address with credentials in it. */
  cloneUrl(repo: string): string;
  /** The files of a change to every workspace of a repository. */
  filesOf(repo: BenchRepo, value: string): Record<string, string>;
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface BenchStageOptions {
  readonly dir: string;
  readonly engine: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Numbers of workspaces. */
  readonly sizes: readonly number[];
  /** Engines at once. */
  readonly parallel: number;
}

export const AUTHOR = "dana";

export const openBenchStage = async (options: BenchStageOptions): Promise<BenchStage> => {
  const state = await startStateServer(join(options.dir, "state"));
  const forge = await startForge({ dir: join(options.dir, "forge") });
  const token = forge.addUser(AUTHOR, "write");
  const app = forge.addApp("plumbline");
  const repos = options.sizes.map((size) => ({
    name: `acme/of-${size}`,
    dirs: Array.from({ length: size }, (_, index) => `workspace-${String(index + 1).padStart(2, "0")}`),
  }));
  const filesOf: BenchStage["filesOf"] = (repo, value) =>
    Object.fromEntries(repo.dirs.map((dir) => [`${dir}/main.tf`, mainFile(state.url, repo, dir, value)]));
  for (const repo of repos) await forge.createRepo(repo.name, { files: filesOf(repo, "first") });
  const config = configFor(options, forge, app, repos);
  const service = await startService(config, {
    version: "0.0.0",
    env: options.env,
    writeLog: () => undefined,
    minuteHand: false,
  });
  forge.addWebhook(`${service.url}/webhooks/github`, config.webhookSecrets[0] as string);
  const settled = (): Promise<void> => untilQuiet(forge, service);
  return {
    forge,
    service,
    secret: config.webhookSecrets[0] as string,
    repos,
    cloneUrl: (repo) => `${forge.origin.replace("://", `://x-access-token:${token}@`)}/${repo}.git`,
    filesOf,
    settled,
    close: async () => {
      await service.stop();
      await forge.stop();
      await state.close();
    },
  };
};

const mainFile = (stateUrl: string, repo: BenchRepo, dir: string, value: string): string => {
  const address = `${stateUrl}/state/${repo.name.replace("acme/", "")}-${dir}`;
  return `terraform {
  backend "http" {
    address        = "${address}"
    lock_address   = "${address}"
    unlock_address = "${address}"
  }
}

resource "terraform_data" "one" {
  input = "${value}"
}
`;
};

type App = ReturnType<LocalForge["addApp"]>;

const configFor = (
  { dir, engine, parallel }: BenchStageOptions,
  forge: LocalForge,
  app: App,
  repos: readonly BenchRepo[],
): ServerConfig => ({
  ...localServer({
    dir,
    repoAllowlist: repos.map(({ name }) => name),
    forge: asApp(forge, app),
    engine,
    env: {},
  }),
  concurrency: { runs: parallel, drift: parallel },
});

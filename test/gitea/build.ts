import { execFile } from "node:child_process";
import { mkdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { exists } from "../../src/adapters/engine-providers.ts";

const run = promisify(execFile);

export const GITEA_VERSION = "1.23.8";
const SOURCE_SUM = "h1:j1r14vyW6n2JHBBQPi52VLwa8C3iylUHVpPIqoS+XQY=";

export interface GiteaBuild {
  readonly binary: string;
  /** Folder with `options`, `templates` and `public`, which the binary reads while it runs. */
  readonly share: string;
}

/** A Gitea built from the Go module proxy, kept by version; minutes the first time, and it needs Go and a C compiler. */
export const buildGitea = async (
  folder = join(
    process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"),
    "plumbline",
    `gitea-${GITEA_VERSION}`,
  ),
): Promise<GiteaBuild> => {
  const build = { binary: join(folder, "gitea"), share: join(folder, "share") };
  if ((await exists(build.binary)) && (await exists(build.share))) return build;
  console.warn(`Gitea ${GITEA_VERSION} is being built in ${folder}: about six minutes of CPU time, once.`);
  await mkdir(folder, { recursive: true });
  const source = await download();
  await copyShare(source, build.share);
  await compile(source, build.binary);
  return build;
};

const download = async (): Promise<string> => {
  const module = `code.gitea.io/gitea@v${GITEA_VERSION}`;
  const { stdout } = await go(["mod", "download", "-json", module], homedir());
  const { Dir, Sum } = JSON.parse(stdout) as { Dir: string; Sum: string };
  if (Sum !== SOURCE_SUM) throw new Error(`The source of Gitea ${GITEA_VERSION} has the checksum ${Sum}.`);
  return Dir;
};

/** Files of the module cache are read-only; a copy must stay deletable. */
const copyShare = async (source: string, share: string): Promise<void> => {
  const part = `${share}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(part);
  for (const folder of ["options", "templates", "public"])
    await run("cp", ["-R", join(source, folder), part]);
  await run("chmod", ["-R", "u+w", part]);
  await rm(share, { recursive: true, force: true });
  await rename(part, share);
};

const compile = async (source: string, binary: string): Promise<void> => {
  const part = `${binary}.part`;
  const flags = [
    "-tags",
    "sqlite sqlite_unlock_notify",
    "-ldflags",
    `-s -w -X main.Version=${GITEA_VERSION}`,
  ];
  await go(["build", ...flags, "-o", part, "."], source);
  await rename(part, binary);
};

const go = (words: readonly string[], cwd: string): Promise<{ stdout: string }> =>
  run("nice", ["-n", "19", "go", ...words], {
    cwd,
    env: { ...process.env, CGO_ENABLED: "1", GOFLAGS: "-mod=readonly" },
    maxBuffer: 64 * 1024 * 1024,
  });

import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { defaultCacheDir } from "../../src/adapters/engine-find.ts";
import { exclusively } from "../../src/adapters/engine-lock.ts";
import { goBuild } from "../../src/adapters/go-build.ts";
import { downloadModule, type PinnedModule, strictGo } from "../../src/adapters/go-module.ts";
import { onPath, toolEnvironment } from "../../src/adapters/tool-path.ts";
import type { Log } from "../../src/ports/log.ts";

// Decision 0036 says why it is this one.
const VERSION = "1.8.0";
const SOURCE: PinnedModule = {
  module: "github.com/versity/versitygw",
  version: VERSION,
  sum: "h1:au+wI+aybno/STsQiSm35Uu6Q6iK5MWReQxgO6SEMFc=",
};

/** A program that speaks S3 and honours conditional writes; `kind` says how it is started. */
export interface S3Program {
  readonly kind: "versitygw" | "moto";
  readonly path: string;
}

/** On the PATH, else the one in the cache folder; null where neither is there. */
export const installedS3 = (env: NodeJS.ProcessEnv): S3Program | null => {
  const gateway = onOurPath("versitygw", env) ?? ifThere(builtBinary(env));
  if (gateway !== null) return { kind: "versitygw", path: gateway };
  const moto = onOurPath("moto_server", env);
  return moto === null ? null : { kind: "moto", path: moto };
};

/** The same, built from the Go module proxy where it is missing (a minute, once); null without Go. Throws what go said. */
export const ensureS3 = async (env: NodeJS.ProcessEnv, log: Log): Promise<S3Program | null> => {
  const found = installedS3(env);
  if (found?.kind === "versitygw") return found;
  if (!(await onPath("go", env))) return found;
  const path = builtBinary(env);
  await exclusively(`${path}.lock`, async () => {
    if (existsSync(path)) return;
    const fresh = `${path}.${process.pid}.partial`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await build(fresh, toolEnvironment(env), log);
      await rename(fresh, path);
    } finally {
      await rm(fresh, { force: true });
    }
  });
  return { kind: "versitygw", path };
};

const build = async (binary: string, env: Record<string, string>, log: Log): Promise<void> => {
  const source = await downloadModule(SOURCE, env);
  if ("problem" in source) throw new Error(`Its source ${source.problem}`);
  const args = ["build", "-v", "-ldflags", "-s -w", "-o", binary, "./cmd/versitygw"];
  const failure = await goBuild(args, { cwd: source.folder, env: strictGo(env) }, "an S3 server", log);
  if (failure !== null) throw new Error(failure.trim().split("\n").at(-1) ?? "go said nothing");
};

const builtBinary = (env: NodeJS.ProcessEnv): string =>
  join(defaultCacheDir(env), `versitygw-${VERSION}`, "versitygw");

const ifThere = (path: string): string | null => (existsSync(path) ? path : null);

const onOurPath = (name: string, env: NodeJS.ProcessEnv): string | null =>
  (env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path)) ?? null;

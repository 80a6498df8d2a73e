import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { defaultCacheDir } from "../../src/adapters/engine-find.ts";
import { exclusively } from "../../src/adapters/engine-lock.ts";
import { goBuild } from "../../src/adapters/go-build.ts";
import { onPath, toolEnvironment } from "../../src/adapters/tool-path.ts";
import type { Log } from "../../src/ports/log.ts";

// Decision 0036 says why it is this one.
const VERSION = "1.8.0";
const MODULE = "github.com/versity/versitygw/cmd/versitygw";

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
    const fresh = `${dirname(path)}.${process.pid}.partial`;
    try {
      const args = ["install", "-v", "-ldflags", "-s -w", `${MODULE}@v${VERSION}`];
      const failure = await goBuild(
        args,
        { env: { ...toolEnvironment(env), GOBIN: fresh } },
        "an S3 server",
        log,
      );
      if (failure !== null) throw new Error(failure.trim().split("\n").at(-1) ?? "go said nothing");
      await mkdir(dirname(path), { recursive: true });
      await rename(join(fresh, "versitygw"), path);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  });
  return { kind: "versitygw", path };
};

const builtBinary = (env: NodeJS.ProcessEnv): string =>
  join(defaultCacheDir(env), `versitygw-${VERSION}`, "versitygw");

const ifThere = (path: string): string | null => (existsSync(path) ? path : null);

const onOurPath = (name: string, env: NodeJS.ProcessEnv): string | null =>
  (env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path)) ?? null;

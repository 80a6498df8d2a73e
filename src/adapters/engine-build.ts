import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import type { Log } from "../ports/log.ts";
import { exclusively } from "./engine-lock.ts";
import { fileSha256 } from "./engine-pin.ts";
import { goBuild } from "./go-build.ts";
import { downloadModule, strictGo } from "./go-module.ts";

const MODULE = "github.com/opentofu/opentofu";
/** The OpenTofu that is built where no engine is found, and the checksum of its source. */
export const BUILT_TOFU = "1.12.6";
const SOURCE_SUM = "h1:0VT4P8pMmGcCUnQ9JDrJ+Qg2d35Vzm4FFd/9+H7oF98=";

/**
 * Builds OpenTofu from the Go module proxy into `binary`, which takes about four minutes on two cores. Two
 * processes that want the same build one. Its checksum is left beside it. Throws `engine-missing` in a sentence where
 * the build fails.
 */
export const buildTofu = (binary: string, env: Readonly<Record<string, string>>, log: Log): Promise<void> =>
  exclusively(`${binary}.lock`, async () => {
    if (await stat(binary).catch(() => null)) return;
    const version = BUILT_TOFU;
    const started = Date.now();
    log.info("building OpenTofu from its source, about 4 minutes, once", { version });
    const source = await downloadSource(version, env);
    await mkdir(dirname(binary), { recursive: true });
    const fresh = `${binary}.${process.pid}.partial`;
    try {
      await compile(source, fresh, env, log);
      await writeFile(`${binary}.sha256`, `${await fileSha256(fresh)}\n`);
      await rename(fresh, binary);
    } finally {
      await rm(fresh, { force: true });
    }
    log.info("built OpenTofu", { version, seconds: Math.round((Date.now() - started) / 1000) });
  });

const downloadSource = async (version: string, env: Readonly<Record<string, string>>): Promise<string> => {
  const source = await downloadModule({ module: MODULE, version, sum: SOURCE_SUM }, env);
  if ("folder" in source) return source.folder;
  throw buildFailed(`The source of OpenTofu ${version} ${source.problem}`);
};

// Inside the module's own folder, because its replace directives count there only.
const compile = async (
  source: string,
  out: string,
  env: Readonly<Record<string, string>>,
  log: Log,
): Promise<void> => {
  const flags = `-s -w -X ${MODULE}/version.dev=no`;
  const args = ["build", "-v", "-ldflags", flags, "-o", out, "./cmd/tofu"];
  const said = await goBuild(args, { cwd: source, env: strictGo(env) }, "OpenTofu", log);
  if (said !== null) throw buildFailed(`OpenTofu could not be built: ${lastLine(said)}`, said);
};

const lastLine = (output: string): string => output.trim().split("\n").at(-1) || "go said nothing";

const buildFailed = (message: string, output = ""): PlumblineError =>
  new PlumblineError("engine-missing", message, { detail: { output: output.slice(-4000) } });

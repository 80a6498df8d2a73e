import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { execa } from "execa";
import { PlumblineError } from "../model/errors.ts";
import type { Log } from "../ports/log.ts";
import { exclusively } from "./engine-lock.ts";
import { goBuild } from "./go-build.ts";

const MODULE = "github.com/opentofu/opentofu";

/**
 * Builds OpenTofu from the Go module proxy into `binary`, which takes about four minutes on two cores. Two
 * processes that want the same build one. Throws `engine-missing` in a sentence where the build fails.
 */
export const buildTofu = (
  version: string,
  binary: string,
  env: Readonly<Record<string, string>>,
  log: Log,
): Promise<void> =>
  exclusively(`${binary}.lock`, async () => {
    if (await stat(binary).catch(() => null)) return;
    const started = Date.now();
    log.info("building OpenTofu from its source, about 4 minutes, once", { version });
    const source = await downloadSource(version, env);
    await mkdir(dirname(binary), { recursive: true });
    const fresh = `${binary}.${process.pid}.partial`;
    try {
      await compile(source, fresh, env, log);
      await rename(fresh, binary);
    } finally {
      await rm(fresh, { force: true });
    }
    log.info("built OpenTofu", { version, seconds: Math.round((Date.now() - started) / 1000) });
  });

const downloadSource = async (version: string, env: Readonly<Record<string, string>>): Promise<string> => {
  const args = ["mod", "download", "-json", `${MODULE}@v${version}`];
  const result = await execa("go", args, {
    env: { ...env },
    extendEnv: false,
    stdin: "ignore",
    reject: false,
  });
  const answer = parse(result.stdout ?? "");
  if (result.failed || !answer.Dir) {
    throw buildFailed(
      `The source of OpenTofu ${version} could not be downloaded`,
      answer.Error ?? result.stderr ?? "",
    );
  }
  return answer.Dir;
};

const parse = (text: string): { readonly Dir?: string; readonly Error?: string } => {
  try {
    return JSON.parse(text) as { Dir?: string; Error?: string };
  } catch {
    return {};
  }
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
  const said = await goBuild(args, { cwd: source, env }, "OpenTofu", log);
  if (said !== null) throw buildFailed("OpenTofu could not be built", said);
};

const buildFailed = (what: string, output: string): PlumblineError =>
  new PlumblineError("engine-missing", `${what}: ${output.trim().split("\n").at(-1) || "go said nothing"}`, {
    detail: { output: output.slice(-4000) },
  });

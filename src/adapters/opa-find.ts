import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { execa } from "execa";
import { PlumblineError } from "../model/errors.ts";
import type { Log } from "../ports/log.ts";
import { exclusively } from "./engine-lock.ts";
import { fileSha256, pinProblem } from "./engine-pin.ts";
import { compareVersions } from "./engine-version.ts";
import { goBuild } from "./go-build.ts";
import { downloadModule, type PinnedModule, strictGo } from "./go-module.ts";
import { onPath, toolEnvironment } from "./tool-path.ts";

/** The OPA that is built where none is found. */
export const BUILT_OPA = "1.22.0";
const SOURCE: PinnedModule = {
  module: "github.com/open-policy-agent/opa",
  version: BUILT_OPA,
  sum: "h1:CwxTSHfk5GmA1CaySVWyxRvggY2xZYxKL6bhDuWOCuU=",
};
/** Older ones do not read both dialects of Rego side by side. */
const OLDEST = "1.0.0";

export interface OpaSearch {
  /** PLUMBLINE_OPA: a path, or a name on the PATH. */
  readonly path: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Plumbline's cache folder; a built OPA lies below it as `opa-1.22.0/opa`. */
  readonly cacheDir: string;
  readonly log: Log;
}

export interface FoundOpa {
  readonly binary: string;
  readonly version: string;
}

/**
 * PLUMBLINE_OPA, opa on the PATH, the one in the cache folder, else one built now from the Go module proxy (a minute
 * and more). Throws `policy-engine-missing` in one sentence.
 */
export const findOpa = async (search: OpaSearch): Promise<FoundOpa> => {
  const installed = await installedOpa(search);
  if (installed) return installed;
  if (await onPath("go", search.env)) return build(search);
  throw new PlumblineError(
    "policy-engine-missing",
    "Policies need OPA, and neither opa nor Go to build it is on the PATH.",
  );
};

/** The same without a build; null where none that fits is installed. */
export const installedOpa = async (search: OpaSearch): Promise<FoundOpa | null> => {
  const { path, env, cacheDir } = search;
  if (path) {
    const binary = path.includes("/") ? resolve(path) : await onPath(path, env);
    const named = binary ? await probe(binary, env) : null;
    if (named) return named;
    throw new PlumblineError(
      "policy-engine-missing",
      `PLUMBLINE_OPA is set to ${path}, which is no OPA ${OLDEST} or newer that runs here.`,
      { hint: "Set PLUMBLINE_OPA to the path of an opa binary, or unset it." },
    );
  }
  for (const binary of [await onPath("opa", env), builtBinary(cacheDir)]) {
    const found = binary ? await probe(binary, env) : null;
    if (found) return found;
  }
  return null;
};

const builtBinary = (cacheDir: string): string => join(cacheDir, `opa-${BUILT_OPA}`, "opa");

const probe = async (binary: string, env: OpaSearch["env"]): Promise<FoundOpa | null> => {
  // What is not there is no problem: starting it says so.
  const changed = await pinProblem(binary, {}).catch(() => null);
  if (changed !== null)
    throw new PlumblineError("policy-engine-missing", `${changed}: it is not started.`, {
      hint: "Remove both, so that it is built again, or put the right one back.",
    });
  const result = await execa(binary, ["version"], {
    env: toolEnvironment(env),
    extendEnv: false,
    stdin: "ignore",
    reject: false,
    timeout: 20_000,
  });
  const version = /^Version: (\d+\.\d+\.\d+\S*)/m.exec(result.stdout ?? "")?.[1];
  return version && compareVersions(version, OLDEST) >= 0 ? { binary, version } : null;
};

const build = async ({ env, cacheDir, log }: OpaSearch): Promise<FoundOpa> => {
  const binary = builtBinary(cacheDir);
  await exclusively(`${binary}.lock`, async () => {
    if (await stat(binary).catch(() => null)) return;
    log.info("building OPA from its source, about a minute, once", { version: BUILT_OPA });
    const fresh = `${binary}.${process.pid}.partial`;
    try {
      await mkdir(dirname(binary), { recursive: true });
      await compile(fresh, toolEnvironment(env), log);
      await writeFile(`${binary}.sha256`, `${await fileSha256(fresh)}\n`);
      await rename(fresh, binary);
    } finally {
      await rm(fresh, { force: true });
    }
    log.info("built OPA", { version: BUILT_OPA });
  });
  return { binary, version: BUILT_OPA };
};

// Inside the module's own folder, so that its own checksums of what it needs count.
const compile = async (binary: string, env: Readonly<Record<string, string>>, log: Log): Promise<void> => {
  const source = await downloadModule(SOURCE, env);
  if ("problem" in source) throw notBuilt(`The source of OPA ${BUILT_OPA} ${source.problem}`);
  const args = ["build", "-v", "-ldflags", "-s -w", "-o", binary, "."];
  const said = await goBuild(args, { cwd: source.folder, env: strictGo(env) }, "OPA", log);
  if (said === null) return;
  const last = said.trim().split("\n").at(-1) || "go said nothing";
  throw notBuilt(`OPA ${BUILT_OPA} could not be built: ${last}`, said);
};

const notBuilt = (message: string, output = ""): PlumblineError =>
  new PlumblineError("policy-engine-missing", message, { detail: { output: output.slice(-4000) } });

import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import type { EngineDistribution, EngineVersion } from "../ports/engine.ts";
import type { Log } from "../ports/log.ts";
import { BUILT_TOFU, buildTofu } from "./engine-build.ts";
import { type EnginePins, isPinnedAs, pinProblem } from "./engine-pin.ts";
import { probeVersion } from "./engine-probe.ts";
import { compareVersions, type EngineWish, satisfies } from "./engine-version.ts";
import { onPath, toolEnvironment } from "./tool-path.ts";

export interface FoundEngine extends EngineVersion {
  readonly binary: string;
  readonly from: "PLUMBLINE_ENGINE" | "PATH" | "cache" | "build";
}

export interface EngineSearch {
  /** PLUMBLINE_ENGINE: a path, or a name on the PATH. */
  readonly path: string | null;
  /** PATH, HOME, TMPDIR, proxies and Go's variables are read from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Plumbline's cache folder; engines lie below it as `engines/tofu-1.12.6/tofu`, `engines/terraform-1.11.4/terraform`. */
  readonly cacheDir: string;
  readonly log: Log;
  /** What the operator pinned; nothing else is started then. */
  readonly pins?: EnginePins;
}

/** `$XDG_CACHE_HOME/plumbline`, else `~/.cache/plumbline`: where engines built for one checkout serve the next. */
export const defaultCacheDir = (env: EngineSearch["env"]): string =>
  join(env["XDG_CACHE_HOME"] || join(env["HOME"] || "/tmp", ".cache"), "plumbline");

/**
 * The first engine that fits: PLUMBLINE_ENGINE, tofu or terraform on the PATH, the newest in the cache folder, else
 * an OpenTofu built now (minutes). A binary that is not the pinned one is never started. Throws `engine-missing` or
 * `engine-unverified` in one sentence.
 */
export const findEngine = async (search: EngineSearch, wish: EngineWish): Promise<FoundEngine> => {
  const { fitting, others, refused } = await lookAround(search, wish);
  if (fitting) return fitting;
  const built: EngineVersion = { distribution: "tofu", version: BUILT_TOFU };
  const mayBuild = satisfies(built, wish) && refused.length === 0 && (await onPath("go", search.env));
  if (mayBuild) return build(search);
  if (refused.length > 0) throw unverified(refused);
  throw notFound(wish, others, search.cacheDir);
};

/** The same without a build; null where nothing that is installed fits. */
export const installedEngine = async (
  search: EngineSearch,
  wish: EngineWish,
): Promise<FoundEngine | null> => {
  const { fitting, refused } = await lookAround(search, wish);
  if (!fitting && refused.length > 0) throw unverified(refused);
  return fitting;
};

interface Around {
  readonly fitting: FoundEngine | null;
  readonly others: readonly FoundEngine[];
  /** Why binaries that are here may not run. */
  readonly refused: readonly string[];
}

const lookAround = async (search: EngineSearch, wish: EngineWish): Promise<Around> => {
  const others: FoundEngine[] = [];
  const refused: string[] = [];
  for await (const engine of engines(search, refused)) {
    if (satisfies(engine, wish)) return { fitting: engine, others, refused };
    others.push(engine);
  }
  return { fitting: null, others, refused };
};

// Asked one after another, since each answer costs a process.
async function* engines(search: EngineSearch, refused: string[]): AsyncGenerator<FoundEngine> {
  const { path, env } = search;
  if (path) {
    const named = await namedEngine(path, search);
    const problem = await misnamed(named, search);
    if (problem === null) yield named;
    else refused.push(problem);
  }
  for (const { binary, from } of await candidates(search)) {
    const problem = await pinned(binary, search);
    const said = problem === null ? await probeVersion(binary, toolEnvironment(env), memoryOf(search)) : null;
    const wrong = problem ?? (said && (await misnamed({ binary, ...said }, search)));
    if (wrong) refused.push(wrong);
    else if (said) yield { binary, from, ...said };
  }
}

const pinned = async (binary: string, { pins = {} }: EngineSearch): Promise<string | null> =>
  // What cannot be read cannot be started either: asking it says so.
  pinProblem(binary, pins).catch(() => null);

const misnamed = async (
  { binary, distribution, version }: Omit<FoundEngine, "from">,
  { pins = {} }: EngineSearch,
): Promise<string | null> =>
  (await isPinnedAs(binary, `${distribution}-${version}`, pins))
    ? null
    : `${binary} says that it is ${distribution} ${version}, and engine.sha256 has its checksum under another name`;

const memoryOf = ({ cacheDir }: EngineSearch): string => join(cacheDir, "engines", "versions");

const namedEngine = async (named: string, search: EngineSearch): Promise<FoundEngine> => {
  const { env } = search;
  const binary = named.includes("/") ? resolve(named) : await onPath(named, env);
  const problem = binary ? await pinned(binary, search) : null;
  if (problem !== null) throw unverified([problem]);
  const version = binary ? await probeVersion(binary, toolEnvironment(env), memoryOf(search)) : null;
  if (binary && version) return { binary, ...version, from: "PLUMBLINE_ENGINE" };
  throw new PlumblineError(
    "engine-missing",
    `PLUMBLINE_ENGINE is set to ${named}, which is no Terraform or OpenTofu that runs here.`,
    { hint: "Set PLUMBLINE_ENGINE to the path of a terraform or tofu binary, or unset it." },
  );
};

type Candidate = Pick<FoundEngine, "binary" | "from">;

const candidates = async ({ env, cacheDir }: EngineSearch): Promise<readonly Candidate[]> => {
  const found: Candidate[] = [];
  for (const name of ["tofu", "terraform"]) {
    const binary = await onPath(name, env);
    if (binary) found.push({ binary, from: "PATH" });
  }
  return [...found, ...(await cachedEngines(cacheDir))];
};

const FOLDER = /^(?<distribution>terraform|tofu)-(?<version>\d+\.\d+\.\d+\S*)$/;

const cachedEngines = async (cacheDir: string): Promise<readonly Candidate[]> => {
  const folder = join(cacheDir, "engines");
  const names = await readdir(folder).catch(() => []);
  return names
    .flatMap((name) => {
      const { distribution, version } = FOLDER.exec(name)?.groups ?? {};
      return distribution && version ? [{ binary: join(folder, name, distribution), version }] : [];
    })
    .toSorted((a, b) => compareVersions(b.version, a.version))
    .map(({ binary }) => ({ binary, from: "cache" }));
};

const build = async (search: EngineSearch): Promise<FoundEngine> => {
  const { env, cacheDir, log } = search;
  const binary = join(cacheDir, "engines", `tofu-${BUILT_TOFU}`, "tofu");
  await buildTofu(binary, toolEnvironment(env), log);
  const problem = await pinned(binary, search);
  if (problem !== null) throw unverified([problem]);
  return { binary, distribution: "tofu", version: BUILT_TOFU, from: "build" };
};

const unverified = (problems: readonly string[]): PlumblineError =>
  new PlumblineError("engine-unverified", `No engine was started: ${problems.join("; ")}.`);

const notFound = (wish: EngineWish, seen: readonly FoundEngine[], cacheDir: string): PlumblineError => {
  const wanted = [nameOf(wish.distribution), wish.version].filter(Boolean).join(" ");
  if (seen.length === 0) {
    const what =
      wish.distribution || wish.version
        ? `${wanted} is wanted, and no engine was found`
        : "No engine was found";
    return new PlumblineError(
      "engine-missing",
      `${what}: neither Terraform nor OpenTofu is on the PATH, nor Go to build OpenTofu.`,
    );
  }
  const there = seen
    .map(({ distribution, version, binary }) => `${nameOf(distribution)} ${version} (${binary})`)
    .join(", ");
  return new PlumblineError("engine-missing", `${wanted} is wanted, but this machine has only ${there}.`, {
    hint: `Put the wanted binary into ${join(cacheDir, "engines")}, as terraform-1.11.4/terraform or tofu-1.12.6/tofu, or change what the workspace asks for.`,
  });
};

const nameOf = (distribution: EngineDistribution | undefined): string => {
  if (!distribution) return "Version";
  return distribution === "tofu" ? "OpenTofu" : "Terraform";
};

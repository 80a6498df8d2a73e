import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import type { EngineDistribution, EngineVersion } from "../ports/engine.ts";
import type { Log } from "../ports/log.ts";
import { buildTofu } from "./engine-build.ts";
import { probeVersion } from "./engine-probe.ts";
import { compareVersions, type EngineWish, satisfies } from "./engine-version.ts";
import { onPath, toolEnvironment } from "./tool-path.ts";

/** The OpenTofu that is built where no engine is found. */
export const BUILT_TOFU = "1.12.6";

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
}

/** `$XDG_CACHE_HOME/plumbline`, else `~/.cache/plumbline`: where engines built for one checkout serve the next. */
export const defaultCacheDir = (env: EngineSearch["env"]): string =>
  join(env["XDG_CACHE_HOME"] || join(env["HOME"] || "/tmp", ".cache"), "plumbline");

/**
 * The first engine that fits: PLUMBLINE_ENGINE, tofu or terraform on the PATH, the newest in the cache folder, else
 * an OpenTofu built now (minutes). Throws `engine-missing` in one sentence.
 */
export const findEngine = async (search: EngineSearch, wish: EngineWish): Promise<FoundEngine> => {
  const { fitting, others } = await lookAround(search, wish);
  if (fitting) return fitting;
  const built: EngineVersion = { distribution: "tofu", version: BUILT_TOFU };
  if (satisfies(built, wish) && (await onPath("go", search.env))) return build(search);
  throw notFound(wish, others, search.cacheDir);
};

/** The same without a build; null where nothing that is installed fits. */
export const installedEngine = async (search: EngineSearch, wish: EngineWish): Promise<FoundEngine | null> =>
  (await lookAround(search, wish)).fitting;

const lookAround = async (
  search: EngineSearch,
  wish: EngineWish,
): Promise<{ readonly fitting: FoundEngine | null; readonly others: readonly FoundEngine[] }> => {
  const others: FoundEngine[] = [];
  for await (const engine of engines(search)) {
    if (satisfies(engine, wish)) return { fitting: engine, others };
    others.push(engine);
  }
  return { fitting: null, others };
};

// Asked one after another, since each answer costs a process.
async function* engines(search: EngineSearch): AsyncGenerator<FoundEngine> {
  const { path, env } = search;
  if (path) yield await namedEngine(path, search);
  for (const { binary, from } of await candidates(search)) {
    const said = await probeVersion(binary, toolEnvironment(env), memoryOf(search));
    if (said) yield { binary, from, ...said };
  }
}

const memoryOf = ({ cacheDir }: EngineSearch): string => join(cacheDir, "engines", "versions");

const namedEngine = async (named: string, search: EngineSearch): Promise<FoundEngine> => {
  const { env } = search;
  const binary = named.includes("/") ? resolve(named) : await onPath(named, env);
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

const build = async ({ env, cacheDir, log }: EngineSearch): Promise<FoundEngine> => {
  const binary = join(cacheDir, "engines", `tofu-${BUILT_TOFU}`, "tofu");
  await buildTofu(BUILT_TOFU, binary, toolEnvironment(env), log);
  return { binary, distribution: "tofu", version: BUILT_TOFU, from: "build" };
};

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

import { access, constants, readdir } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import type { Engine, EngineDistribution, Engines, EngineVersion } from "../ports/engine.ts";
import type { Log } from "../ports/log.ts";
import { createEngine, type EngineSettings } from "./engine.ts";
import { buildTofu } from "./engine-build.ts";
import { compareVersions, type EngineWish, probeVersion, satisfies } from "./engine-version.ts";

/** The OpenTofu that is built where no engine is found. */
export const BUILT_TOFU = "1.12.6";

export interface FoundEngine extends EngineVersion {
  readonly binary: string;
  readonly from: "PLUMBLINE_ENGINE" | "PATH" | "PLUMBLINE_ENGINE_DIR" | "cache" | "build";
}

export interface EngineSearch {
  /** PATH, HOME, PLUMBLINE_ENGINE, PLUMBLINE_ENGINE_DIR and Go's variables are read from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Plumbline's cache folder; engines lie in `engines/tofu-<version>/tofu` below it. */
  readonly cacheDir: string;
  readonly log: Log;
}

/** `$XDG_CACHE_HOME/plumbline`, else `~/.cache/plumbline`: where engines built for one checkout serve the next. */
export const defaultCacheDir = (env: EngineSearch["env"]): string =>
  join(env["XDG_CACHE_HOME"] || join(env["HOME"] || "/tmp", ".cache"), "plumbline");

/**
 * The first engine that fits: PLUMBLINE_ENGINE, tofu or terraform on the PATH, the newest of PLUMBLINE_ENGINE_DIR,
 * an OpenTofu built before, else one built now (minutes). Throws `engine-missing` in one sentence.
 */
export const findEngine = async (
  search: EngineSearch & { readonly wish: EngineWish },
): Promise<FoundEngine> => {
  const { wish } = search;
  const found = await listEngines(search);
  const fitting = found.find((engine) => satisfies(engine, wish));
  if (fitting) return fitting;
  const built: EngineVersion = { distribution: "tofu", version: BUILT_TOFU };
  if (satisfies(built, wish) && (await onPath("go", search.env))) return build(search);
  throw notFound(wish, found);
};

/** Every engine on this machine, in the order in which they are tried. */
export const listEngines = async ({ env, cacheDir }: EngineSearch): Promise<readonly FoundEngine[]> => {
  const named = env["PLUMBLINE_ENGINE"];
  const first = named ? [await namedEngine(named, env)] : [];
  const others: Pick<FoundEngine, "binary" | "from">[] = [];
  for (const name of ["tofu", "terraform"]) {
    const binary = await onPath(name, env);
    if (binary) others.push({ binary, from: "PATH" });
  }
  const probed = await probeAll(others, env);
  const folder = (await probeAll(await engineDir(env), env)).toSorted((a, b) =>
    compareVersions(b.version, a.version),
  );
  const cached = await probeAll([{ binary: cachedTofu(cacheDir), from: "cache" }], env);
  return [...first, ...probed, ...folder, ...cached];
};

const namedEngine = async (named: string, env: EngineSearch["env"]): Promise<FoundEngine> => {
  const binary = named.includes("/") ? resolve(named) : await onPath(named, env);
  const version = binary ? await probeVersion(binary, toolEnvironment(env)) : null;
  if (!binary || !version) {
    throw new PlumblineError(
      "engine-missing",
      `PLUMBLINE_ENGINE is set to ${named}, which is no Terraform or OpenTofu.`,
      {
        hint: "Set PLUMBLINE_ENGINE to the path of a terraform or tofu binary, or unset it.",
      },
    );
  }
  return { binary, ...version, from: "PLUMBLINE_ENGINE" };
};

const probeAll = async (
  candidates: readonly Pick<FoundEngine, "binary" | "from">[],
  env: EngineSearch["env"],
): Promise<readonly FoundEngine[]> => {
  const probed = await Promise.all(
    candidates.map(async ({ binary, from }) => ({
      binary,
      from,
      said: await probeVersion(binary, toolEnvironment(env)),
    })),
  );
  return probed.flatMap(({ binary, from, said }) => (said ? [{ binary, from, ...said }] : []));
};

const engineDir = async (
  env: EngineSearch["env"],
): Promise<readonly Pick<FoundEngine, "binary" | "from">[]> => {
  const folder = env["PLUMBLINE_ENGINE_DIR"];
  if (!folder) return [];
  const names = (await readdir(folder).catch(() => [])).filter((name) =>
    /^(terraform|tofu)([_-].*)?$/.test(name),
  );
  return names.map((name) => ({ binary: resolve(folder, name), from: "PLUMBLINE_ENGINE_DIR" }));
};

const onPath = async (name: string, env: EngineSearch["env"]): Promise<string | null> => {
  for (const folder of (env["PATH"] ?? "").split(delimiter).filter(Boolean)) {
    const candidate = join(folder, name);
    const runs = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return candidate;
  }
  return null;
};

const cachedTofu = (cacheDir: string): string => join(cacheDir, "engines", `tofu-${BUILT_TOFU}`, "tofu");

const build = async ({ env, cacheDir, log }: EngineSearch): Promise<FoundEngine> => {
  const binary = cachedTofu(cacheDir);
  await buildTofu(BUILT_TOFU, binary, toolEnvironment(env), log);
  return { binary, distribution: "tofu", version: BUILT_TOFU, from: "build" };
};

const TOOL_VARIABLES =
  /^(PATH|HOME|TMPDIR|LANG|SSL_CERT_(FILE|DIR)|(https?|no)_proxy|XDG_CACHE_HOME|GO[A-Z0-9]*)$/i;

const toolEnvironment = (env: EngineSearch["env"]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).filter(
      (pair): pair is [string, string] => TOOL_VARIABLES.test(pair[0]) && pair[1] !== undefined,
    ),
  );

const notFound = (wish: EngineWish, found: readonly FoundEngine[]): PlumblineError => {
  const wanted = [nameOf(wish.distribution), wish.version].filter(Boolean).join(" ");
  if (found.length === 0) {
    const what =
      wish.distribution || wish.version
        ? `${wanted} is wanted, and no engine was found`
        : "No engine was found";
    return new PlumblineError(
      "engine-missing",
      `${what}: neither Terraform nor OpenTofu is on the PATH, nor Go to build OpenTofu.`,
    );
  }
  const there = found
    .map(({ distribution, version, binary }) => `${nameOf(distribution)} ${version} (${binary})`)
    .join(", ");
  return new PlumblineError("engine-missing", `${wanted} is wanted, but this machine has only ${there}.`, {
    hint: "Put the wanted version into the folder PLUMBLINE_ENGINE_DIR, named like terraform_1.11.4, or change the workspace's version.",
  });
};

const nameOf = (distribution: EngineDistribution | undefined): string => {
  if (!distribution) return "Version";
  return distribution === "tofu" ? "OpenTofu" : "Terraform";
};

/** Finds engines as workspaces ask for them; one adapter per binary. */
export const createEngines = (search: EngineSearch, settings: EngineSettings): Engines => {
  const byBinary = new Map<string, Engine>();
  return {
    pick: async (wish) => {
      const { binary, distribution, version } = await findEngine({ ...search, wish });
      const engine = byBinary.get(binary) ?? createEngine(binary, { distribution, version }, settings);
      byBinary.set(binary, engine);
      return engine;
    },
  };
};

import type { Engine, Engines } from "../ports/engine.ts";
import type { Log } from "../ports/log.ts";
import type { Redactor } from "../ports/redactor.ts";
import type { Tracer } from "../ports/tracer.ts";
import { createEngine, type EngineSettings } from "./engine.ts";
import { defaultCacheDir, type EngineSearch, findEngine } from "./engine-find.ts";
import type { EnginePins } from "./engine-pin.ts";
import type { Sandbox } from "./sandbox.ts";

const GRACE_MS = 30_000;

export interface EnginesOptions {
  /** `service`: allow-listed environment and a CLI configuration of our own. `user`: a person's terminal, theirs. */
  readonly mode: "service" | "user";
  /** The environment of this process, as wire.ts read it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redactor: Redactor;
  readonly log: Log;
  /** Keeps each engine process as a span. */
  readonly tracer?: Tracer | undefined;
  /** PLUMBLINE_ENGINE; null or absent: whatever is found. */
  readonly path?: string | null;
  /** Nothing else is started where some are given. */
  readonly pins?: EnginePins;
  /** Absolute; default `~/.cache/plumbline`: engines, provider store, generated CLI configuration. */
  readonly cacheDir?: string;
  /** Default `process.execPath`; its folder goes first on the engine's PATH. */
  readonly nodePath?: string;
  /** Names of further variables that the engine may see in service mode. */
  readonly passThrough?: readonly string[];
  /** An operator's own CLI configuration file, used as it is. */
  readonly cliConfig?: string | null;
  /** A provider mirror in the file system, such as the demo cloud's; providers come from nowhere else then. */
  readonly mirror?: string | null;
  /** With a mirror: ask registries too for what it lacks. */
  readonly direct?: boolean;
  /** Confines every process; null or absent: nothing does. */
  readonly sandbox?: Sandbox | null;
  /** From an interrupt to harsher means when a call's signal or time limit says stop; never for an apply. */
  readonly graceMs?: number;
}

/** Finds engines as workspaces ask for them; one adapter per binary. */
export const createEngines = (options: EnginesOptions): Engines => {
  const cacheDir = options.cacheDir ?? defaultCacheDir(options.env);
  const search: EngineSearch = {
    path: options.path ?? null,
    env: options.env,
    cacheDir,
    log: options.log,
    pins: options.pins ?? {},
  };
  const settings: EngineSettings = {
    mode: options.mode,
    env: options.env,
    redactor: options.redactor,
    log: options.log,
    tracer: options.tracer,
    cacheDir,
    nodePath: options.nodePath ?? process.execPath,
    passThrough: options.passThrough ?? [],
    cliConfig: options.cliConfig ?? null,
    mirror: options.mirror ?? null,
    direct: options.direct ?? false,
    sandbox: options.sandbox ?? null,
    graceMs: options.graceMs ?? GRACE_MS,
  };
  const byBinary = new Map<string, Engine>();
  return {
    pick: async (wish) => {
      const { binary, distribution, version } = await findEngine(search, wish);
      const key = `${binary} ${version}`;
      const engine = byBinary.get(key) ?? createEngine(binary, { distribution, version }, settings);
      byBinary.set(key, engine);
      return engine;
    },
  };
};

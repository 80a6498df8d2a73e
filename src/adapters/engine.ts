import { mkdir, open, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import { inSpan } from "../model/span.ts";
import type { Engine, EngineCall, EngineResult, EngineVersion, PlanOptions } from "../ports/engine.ts";
import type { Log } from "../ports/log.ts";
import type { Redactor } from "../ports/redactor.ts";
import type { Tracer } from "../ports/tracer.ts";
import { runApply } from "./engine-apply.ts";
import { type CliConfigSettings, cliConfigFile } from "./engine-cli-config.ts";
import { confined } from "./engine-confined.ts";
import { type EnvironmentSettings, engineEnvironment, secretValues } from "./engine-environment.ts";
import { initWithWorkspace, prepareMemory, type RunInit } from "./engine-init.ts";
import { lockedProviders } from "./engine-lockfile.ts";
import { type ProcessResult, type ProcessSpec, runProcess } from "./engine-process.ts";
import { type Init, readLockFile, withProviderStore } from "./engine-providers.ts";
import type { Sandbox } from "./sandbox.ts";

/** What all engines of one process share. Paths are absolute. */
export interface EngineSettings extends EnvironmentSettings, CliConfigSettings {
  readonly redactor: Redactor;
  readonly log: Log;
  readonly tracer?: Tracer | undefined;
  /** Null: engines see what this process sees. */
  readonly sandbox: Sandbox | null;
  /** From an interrupt to harsher means, for everything but an apply. */
  readonly graceMs: number;
}

/** One binary of Terraform or OpenTofu, driven through its command line. */
export const createEngine = (binary: string, version: EngineVersion, settings: EngineSettings): Engine => {
  const program = createProgram(binary, version, settings);
  return {
    version,
    init: (call, options = {}) => {
      const args = [
        "init",
        "-input=false",
        "-no-color",
        ...(options.reconfigure ? ["-reconfigure"] : []),
        ...(options.lockfileReadonly ? ["-lockfile=readonly"] : []),
        ...(options.backendConfig ?? []).map((each) => `-backend-config=${each}`),
      ];
      return initialise(program, settings, call, args);
    },
    plan: (call, options) => plan(program, call, options),
    show: async (call, planFile) => {
      const { stdout, ...result } = await program.run(call, ["show", "-json", "-no-color", planFile], {
        rawStdout: true,
        reads: [dirname(planFile)],
      });
      return { ...result, json: stdout };
    },
    apply: async (call, planFile, options = {}) => {
      const varFiles = version.distribution === "tofu" ? (options.varFiles ?? []) : [];
      const spec = await program.spec(
        call,
        [...["apply", "-input=false", "-no-color"], ...varFiles.map((file) => `-var-file=${file}`), planFile],
        { reads: [dirname(planFile)], outlives: true },
      );
      return told(settings, spec, () =>
        runApply(spec, { dataDir: call.dataDir, planFile }, options.interrupt),
      );
    },
    stateVersion: (call) => stateVersion(program, call),
    recordedState: (call) => recordedState(program, call),
    showState: async (call) => {
      const { stdout, ...result } = await program.run(call, ["show", "-json", "-no-color"], {
        rawStdout: true,
      });
      return { ...result, json: stdout };
    },
    providersSchema: async (call) => {
      const { onLine: _quiet, ...silent } = call;
      const { stdout, ...result } = await program.run(silent, ["providers", "schema", "-json"], {
        rawStdout: true,
      });
      return { ...result, json: stdout };
    },
    unformatted: (call, files) => unformatted(program, call, files),
    format: (call, files) => program.run(call, ["fmt", "-no-color", "-list=false", ...files]),
    statePush: (call, file) =>
      program.run(call, ["state", "push", "-no-color", file], { reads: [dirname(file)] }),
    forceUnlock: (call, lockId) => program.run(call, ["force-unlock", "-no-color", "-force", lockId]),
  };
};

interface Program {
  spec(call: EngineCall, args: readonly string[], options?: SpecOptions): Promise<ProcessSpec>;
  run(call: EngineCall, args: readonly string[], options?: SpecOptions): Promise<ProcessResult>;
}
interface SpecOptions {
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** False leaves `TF_WORKSPACE` unset. */
  readonly workspace?: boolean;
  readonly rawStdout?: boolean;
  /** Folders beside those of the call, for a sandbox. */
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
  /** An apply: nothing ends it but itself. */
  readonly outlives?: boolean;
}

const createProgram = (binary: string, version: EngineVersion, settings: EngineSettings): Program => {
  const spec: Program["spec"] = async (call, args, options = {}) => {
    await mkdir(call.dataDir, { recursive: true, mode: 0o700 });
    const lent = await call.credentials?.();
    const given = { ...call.env, ...lent?.env };
    for (const value of secretValues(given)) settings.redactor.learn(value);
    const config = await cliConfigFile(settings);
    const named = options.workspace !== false && call.workspace !== "default";
    const env = engineEnvironment(
      settings,
      { dataDir: call.dataDir, env: given },
      {
        ...options.env,
        ...(config ? { TF_CLI_CONFIG_FILE: config } : {}),
        ...(named ? { TF_WORKSPACE: call.workspace } : {}),
      },
    );
    const reads = [...(config ? [config] : []), ...(lent?.folders ?? []), ...(options.reads ?? [])];
    return {
      ...confined(settings, call, { binary, args, env }, { ...options, reads }),
      cwd: call.dir,
      redactor: settings.redactor,
      label: `${version.distribution} ${args[0]}`,
      signal: call.signal,
      timeoutMs: call.timeoutMs,
      onLine: call.onLine,
      graceMs: settings.graceMs,
      rawStdout: options.rawStdout ?? false,
    };
  };
  const run: Program["run"] = async (call, args, options) => {
    const one = await spec(call, args, options);
    return told(settings, one, () => runProcess(one));
  };
  return { spec, run };
};

/** Arguments stay out of it: they may name what is secret. */
const told = async <Result extends EngineResult>(
  { log, tracer }: Pick<EngineSettings, "log" | "tracer">,
  { label: command }: Pick<ProcessSpec, "label">,
  work: () => Promise<Result>,
): Promise<Result> =>
  inSpan(tracer, command, {}, async (span) => {
    const result = await work();
    const { exitCode, durationMs: ms, aborted } = result;
    log.info("an engine command ended", { command, exitCode, ms, ...(aborted ? { stopped: true } : {}) });
    if (exitCode !== null) span.add({ "process.exit.code": exitCode });
    if (result.failed) span.failed(result.timedOut ? "timed-out" : aborted ? "stopped" : "failed");
    return result;
  });

const initialise = async (
  program: Program,
  settings: EngineSettings,
  call: EngineCall,
  args: readonly string[],
): ReturnType<Engine["init"]> => {
  const userData =
    settings.mode === "user" ? resolve(call.dir, settings.env["TF_DATA_DIR"] || ".terraform") : null;
  await mkdir(call.dataDir, { recursive: true, mode: 0o700 });
  await prepareMemory(call.dataDir, userData);
  const init = initOf(program, call, args);
  // A mirror alone needs no store: the engine links to it. Nor does a user who has a plugin cache already.
  const hasOwn = settings.mode === "user" && settings.env["TF_PLUGIN_CACHE_DIR"];
  if ((settings.mirror && !settings.direct) || hasOwn) return holding(settings, call, () => init({}));
  const folders = {
    store: join(settings.cacheDir, "providers"),
    dataDir: call.dataDir,
    dir: call.dir,
    userData,
  };
  return holding(settings, call, () => withProviderStore(folders, init));
};

/** Whoever commits a lock file has said which providers run: a service starts none beside them. */
const holding = async (
  { mode }: EngineSettings,
  { dir }: EngineCall,
  init: () => ReturnType<Engine["init"]>,
): ReturnType<Engine["init"]> => {
  if (mode !== "service") return init();
  const before = await lockedNames(dir);
  const result = await init();
  const after = before.size === 0 ? before : await lockedNames(dir);
  const fresh = [...after].filter((name) => !before.has(name));
  if (fresh.length === 0) return result;
  throw new PlumblineError(
    "lock-file-incomplete",
    `The code needs ${fresh.join(", ")}, which the committed lock file does not name.`,
  );
};

// OpenTofu takes over what a lock file of Terraform's says, under its own registry's name.
const lockedNames = async (dir: string): Promise<ReadonlySet<string>> =>
  new Set(
    [...lockedProviders(await readLockFile(dir)).keys()].map((address) =>
      address.replace(/^registry\.(terraform\.io|opentofu\.org)\//, ""),
    ),
  );

const initOf =
  (program: Program, call: EngineCall, args: readonly string[]): Init =>
  async (env, { args: more, quiet } = { args: [], quiet: false }) => {
    const { onLine, ...silent } = call;
    const run: RunInit = (runArgs, options) => program.run(quiet ? silent : call, runArgs, options);
    const result = await initWithWorkspace(run, call, [...args, ...more], env);
    if (quiet && !result.failed) for (const line of result.log.split("\n")) onLine?.(line);
    return result;
  };

const plan = async (program: Program, call: EngineCall, options: PlanOptions): ReturnType<Engine["plan"]> => {
  const args = [
    "plan",
    "-input=false",
    "-no-color",
    `-out=${options.out}`,
    `-lock=${options.lock}`,
    ...(options.destroy ? ["-destroy"] : []),
    ...(options.refreshOnly ? ["-refresh-only"] : []),
    ...(options.skipRefresh ? ["-refresh=false"] : []),
    ...(options.generateConfigOut ? [`-generate-config-out=${options.generateConfigOut}`] : []),
    ...(options.parallelism ? [`-parallelism=${options.parallelism}`] : []),
    ...(options.varFiles ?? []).map((file) => `-var-file=${file}`),
    ...(options.extraArgs ?? []),
  ];
  // Made beforehand, so that the engine writes its secrets into a file that nobody else can read.
  await (await open(options.out, "w", 0o600)).close();
  const result = await program.run(call, args, {
    writes: [options.out, ...(options.generateConfigOut ? [options.generateConfigOut] : [])].map((file) =>
      dirname(file),
    ),
  });
  if (result.failed && (await stat(options.out).catch(() => null))?.size === 0)
    await rm(options.out, { force: true });
  return result;
};

const unformatted = async (
  program: Program,
  call: EngineCall,
  files: readonly string[],
): ReturnType<Engine["unformatted"]> => {
  const { onLine: _quiet, ...silent } = call;
  const ask = async (file: string): Promise<string[]> => {
    const { failed } = await program.run(silent, ["fmt", "-no-color", "-check", "-list=false", file]);
    return failed ? [file] : [];
  };
  return (await Promise.all(files.map(ask))).flat();
};

const recordedState = async (program: Program, call: EngineCall): Promise<string | null> => {
  const { onLine: _quiet, ...silent } = call;
  const result = await program.run(silent, ["state", "pull", "-no-color"], { rawStdout: true });
  if (result.failed) {
    throw new PlumblineError(
      "engine-failed",
      `The recorded state could not be read. ${result.shortMessage}`,
      {
        detail: { diagnostics: result.diagnostics },
      },
    );
  }
  return result.stdout.trim() === "" ? null : result.stdout;
};

const stateVersion = async (program: Program, call: EngineCall): ReturnType<Engine["stateVersion"]> => {
  const text = await recordedState(program, call);
  if (text === null) return null;
  // Some backends have an empty text for no state, others a state without a lineage.
  const { lineage, serial, version } = JSON.parse(text) as { [name: string]: unknown };
  return typeof lineage === "string" && lineage !== "" && typeof serial === "number"
    ? { lineage, serial, format: typeof version === "number" ? version : null }
    : null;
};

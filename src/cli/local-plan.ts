import { mkdtemp, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import { parseJson } from "../model/lossless-json.ts";
import type { Plan } from "../model/plan.ts";
import { readPlan } from "../plan/read.ts";
import type { Engine, EngineCall, EngineResult } from "../ports/engine.ts";

export interface LocalPlanOptions {
  /** Makes the folder that the engine works in, at its own place below `root`, and gives it. */
  readonly copy: (root: string) => Promise<string>;
  /** Engine workspace. */
  readonly workspace: string;
  /** Absolute. */
  readonly varFiles: readonly string[];
  readonly progress: (line: string) => void;
  readonly signal: AbortSignal;
  /** Whether the providers' schemas are needed to judge this plan: they are large, and asking takes seconds. */
  readonly wantsSchema?: (plan: Plan) => boolean;
  /** Whether the state is needed as it was recorded, before any refresh. */
  readonly wantsState?: boolean;
}

export interface LocalPlan {
  readonly plan: Plan;
  /** The text of `providers schema -json`; null where nobody wanted it or the engine could not tell. */
  readonly schema: string | null;
  /** `show -json` of the state; null where nobody wanted it or there is none that can be read. */
  readonly state: Json;
}

/**
 * Plans a folder of a person's own checkout, read-only and without a trace in it: the engine works in a copy, with
 * data folder and plan file beside it, and takes no state lock.
 * @throws `engine-failed` with the engine's own diagnostics, `interrupted` where the signal came.
 */
export const planLocally = async (engine: Engine, options: LocalPlanOptions): Promise<LocalPlan> => {
  const scratch = await mkdtemp(join(await realpath(tmpdir()), "plumbline-"));
  try {
    return await planIn(scratch, engine, options);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

const planIn = async (
  scratch: string,
  engine: Engine,
  { copy, workspace, varFiles, progress, signal, ...wants }: LocalPlanOptions,
): Promise<LocalPlan> => {
  const root = join(scratch, "copy");
  const dir = await copy(root);
  const dataDir = join(scratch, "data");
  const call: EngineCall = { dir, dataDir, workspace, workspaceMustExist: true, env: {}, signal };
  // The copy lies at the same place below its root, so that `abspath()` is right again without it.
  const asThere = (text: string): string => text.replaceAll(root, "");
  const mustWork = <T extends EngineResult>(what: string, result: T): T => {
    if (!result.failed) return result;
    if (result.aborted) throw new PlumblineError("interrupted", `Stopped during ${what}.`, { hint: STOPPED });
    const said = asThere(result.diagnostics || result.shortMessage);
    throw new PlumblineError("engine-failed", `${what} failed.\n${said}`, { hint: FAILED });
  };
  progress("init");
  mustWork("init", await engine.init(call));
  progress("plan");
  const out = join(scratch, "plan");
  const own = await Promise.all(varFiles.map((file) => asInCopy(file, root)));
  mustWork("plan", await engine.plan(call, { out, lock: false, varFiles: own }));
  const { json } = mustWork("show", await engine.show(call, out));
  const plan = readPlan(asThere(json));
  const schema = wants.wantsSchema?.(plan) ? await engine.providersSchema(call) : null;
  const state = wants.wantsState ? await engine.showState(call) : null;
  return { plan, schema: textOf(schema), state: parseJson(textOf(state) ?? "null") };
};

const textOf = (told: (EngineResult & { readonly json: string }) | null): string | null =>
  told && !told.failed ? told.json : null;

// At an earlier commit a variable file said what it said then.
const asInCopy = async (file: string, root: string): Promise<string> => {
  const copied = join(root, await realpath(file).catch(() => file));
  return (await stat(copied).catch(() => null)) ? copied : file;
};

const STOPPED = "Nothing was changed; run the same command again.";
const FAILED = "Mend what the engine names, then run the same command again.";

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PlumblineError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { readPlan } from "../plan/read.ts";
import type { Engine, EngineCall, EngineResult } from "../ports/engine.ts";

export interface LocalPlan {
  readonly plan: Plan;
  readonly lockFile: string | null;
  readonly state: { readonly lineage: string; readonly serial: number } | null;
}

export interface LocalPlanOptions {
  /** Absolute. */
  readonly dir: string;
  /** Engine workspace. */
  readonly workspace: string;
  readonly varFiles: readonly string[];
  readonly progress: (line: string) => void;
}

/**
 * Plans a folder of a person's own checkout without leaving a trace in it: data folder and plan file lie elsewhere,
 * no state lock is taken, and a lock file that `init` wrote or completed is put back as it was.
 * @throws `engine-failed` with the engine's own diagnostics.
 */
export const planLocally = async (engine: Engine, options: LocalPlanOptions): Promise<LocalPlan> => {
  const scratch = await mkdtemp(join(tmpdir(), "plumbline-"));
  const { dir, workspace, varFiles, progress } = options;
  const call: EngineCall = { dir, dataDir: join(scratch, "data"), workspace, env: {} };
  const lockFile = join(dir, ".terraform.lock.hcl");
  const before = await readOrNull(lockFile);
  try {
    progress("init");
    mustWork("init", await engine.init(call));
    progress("plan");
    const out = join(scratch, "plan");
    mustWork("plan", await engine.plan(call, { out, lock: false, varFiles }));
    const { json } = mustWork("show", await engine.show(call, out));
    return {
      plan: readPlan(json),
      lockFile: await readOrNull(lockFile),
      state: await engine.stateVersion(call),
    };
  } finally {
    await putBack(lockFile, before);
    await rm(scratch, { recursive: true, force: true });
  }
};

const mustWork = <T extends EngineResult>(what: string, result: T): T => {
  if (!result.failed) return result;
  throw new PlumblineError("engine-failed", `${what} failed.\n${result.diagnostics || result.shortMessage}`);
};

const readOrNull = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, "utf8");
  } catch (failure) {
    if ((failure as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw failure;
  }
};

const putBack = async (path: string, before: string | null): Promise<void> => {
  const after = await readOrNull(path);
  if (after === before) return;
  if (before === null) await rm(path, { force: true });
  else await writeFile(path, before);
};

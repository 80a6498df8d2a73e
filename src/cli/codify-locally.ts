import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { findDrift } from "../drift/find.ts";
import type { ParseHcl } from "../hcl/syntax.ts";
import type { Catalogue } from "../model/catalogue.ts";
import { PlumblineError } from "../model/errors.ts";
import { readPlan } from "../plan/read.ts";
import type { Engine, EngineCall, EngineResult } from "../ports/engine.ts";
import { type Codified, codifyWorkspace } from "../run/codify.ts";
import { copyFolder } from "./folder-copy.ts";
import type { LocalWorkspace } from "./local-workspace.ts";

export interface LocalCodify {
  readonly engine: Engine;
  readonly catalogue: Catalogue;
  readonly parse: ParseHcl;
  readonly reads: (text: string) => boolean;
  /** Its folder as a real path. */
  readonly workspace: LocalWorkspace;
  readonly repoRoot: string;
  /** Absolute. */
  readonly varFiles: readonly string[];
  /** Private folder; the caller removes it. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** Looks for drift in a copy of the folder and turns it into proven code; writes nothing outside of `scratch`. */
export const codifyLocally = async (local: LocalCodify): Promise<Codified> => {
  const { engine, workspace, scratch, progress } = local;
  const root = join(scratch, "copy");
  const dir = await copyFolder(workspace.dir, root);
  const call: EngineCall = {
    dir,
    dataDir: join(scratch, "data"),
    workspace: workspace.name,
    workspaceMustExist: true,
    env: {},
    signal: local.signal,
  };
  const asThere = (text: string): string => text.replaceAll(root, "");
  const must = mustWork(asThere);
  progress("init");
  must("init", await engine.init(call));
  progress("plan");
  const planFile = join(scratch, "drift.tfplan");
  must("plan", await engine.plan(call, { out: planFile, lock: false, varFiles: local.varFiles }));
  const plan = readPlan(asThere(must("show", await engine.show(call, planFile)).json));
  const { findings } = findDrift({
    plan,
    accepted: null,
    key: randomBytes(32),
    workspace: workspace.key,
    inputTreeHash: "",
    lockFileHash: null,
    catalogue: local.catalogue,
    ignore: [],
    now: new Date(),
  });
  const proofs = join(scratch, "proofs");
  await mkdir(proofs, { mode: 0o700 });
  return codifyWorkspace({
    workspace: {
      engine,
      call: { ...call, dir: workspace.dir },
      repoRoot: local.repoRoot,
      varFiles: local.varFiles,
      planFile,
    },
    plan,
    findings,
    parse: local.parse,
    reads: local.reads,
    scratch: proofs,
    progress,
  });
};

const mustWork =
  (asThere: (text: string) => string) =>
  <T extends EngineResult>(what: string, result: T): T => {
    if (!result.failed) return result;
    if (result.aborted) {
      throw new PlumblineError("interrupted", `Stopped during ${what}.`, {
        hint: "Nothing was changed; run the same command again.",
      });
    }
    throw new PlumblineError(
      "engine-failed",
      `${what} failed.\n${asThere(result.diagnostics || result.shortMessage)}`,
      {
        hint: "Mend what the engine names, then run the same command again.",
      },
    );
  };

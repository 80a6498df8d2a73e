import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ImportWish } from "../codify/import-target.ts";
import { readProviderSchema } from "../drift/provider-schema.ts";
import type { ParseHcl } from "../hcl/syntax.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Finding } from "../model/finding.ts";
import type { Json } from "../model/json.ts";
import type { Plan } from "../model/plan.ts";
import { readPlan } from "../plan/read.ts";
import type { EngineCall, EngineResult } from "../ports/engine.ts";
import type { SecretScanner } from "../ports/secret-scanner.ts";
import { type Codified, codifyWorkspace } from "../run/codify.ts";
import { codifyImports } from "../run/codify-import.ts";
import { copyFolder } from "./folder-copy.ts";
import type { LocalOthers } from "./local-others.ts";
import type { LocalWorkspace } from "./local-workspace.ts";
import { acceptedAt, codeHash, type DriftWorld, finder, wantsSchema } from "./look-for-drift.ts";

export interface LocalCodify extends DriftWorld {
  readonly parse: ParseHcl;
  readonly reads: (text: string) => boolean;
  readonly scanner: SecretScanner;
  /** Its folder as a real path. */
  readonly workspace: LocalWorkspace;
  readonly repoRoot: string;
  /** Absolute. */
  readonly varFiles: readonly string[];
  /** Live things to take over instead of drift. */
  readonly imports: readonly ImportWish[];
  /** Private folder; the caller removes it. */
  readonly scratch: string;
  /** Commit that was applied last: tells `absorbed` apart from `unapplied`. */
  readonly lastApplied: string | null;
  readonly signal: AbortSignal;
  /** The other workspaces around it; those that read an edited file are proven as well. */
  readonly others: LocalOthers;
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
  const proofs = join(scratch, "proofs");
  await mkdir(proofs, { mode: 0o700 });
  const request = {
    workspace: {
      engine,
      call: { ...call, dir: workspace.dir },
      repoRoot: local.repoRoot,
      varFiles: local.varFiles,
      planFile,
    },
    plan,
    parse: local.parse,
    reads: local.reads,
    scanner: local.scanner,
    scratch: proofs,
    progress,
    ...local.others,
  };
  if (local.imports.length > 0) return codifyImports({ ...request, wishes: local.imports, edited: {} });
  return codifyWorkspace({ ...request, findings: await findingsIn(local, call, plan) });
};

/** What `plumbline drift` finds in the same plan. */
const findingsIn = async (local: LocalCodify, call: EngineCall, plan: Plan): Promise<readonly Finding[]> => {
  const { workspace, lastApplied } = local;
  const key = randomBytes(32);
  const find = finder(local, workspace, key);
  if (lastApplied === null && !wantsSchema(find({ plan }))) return find({ plan });
  const { json, failed } = await local.engine.providersSchema(call);
  const accepted =
    lastApplied === null
      ? null
      : await acceptedAt(local, workspace, { ...local, workspace: workspace.name }, lastApplied, key);
  return find({
    plan,
    ...(failed ? {} : { schema: readProviderSchema(JSON.parse(json) as Json) }),
    ...(accepted === null ? {} : { accepted: accepted.state }),
    ...(accepted?.same ? { inputTreeHash: codeHash(plan) } : {}),
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

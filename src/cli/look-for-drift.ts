import { hash, randomBytes } from "node:crypto";
import { acceptedValues } from "../drift/accepted.ts";
import { type DriftFacts, findDrift } from "../drift/find.ts";
import { readProviderSchema } from "../drift/provider-schema.ts";
import type { Catalogue } from "../model/catalogue.ts";
import { type AcceptedState, type Cause, type Finding, findingFacts } from "../model/finding.ts";
import { canonicalJson, type Json } from "../model/json.ts";
import type { Plan } from "../model/plan.ts";
import type { Engine } from "../ports/engine.ts";
import { asApplied } from "./as-applied.ts";
import { copyFolder } from "./folder-copy.ts";
import { type LocalPlanOptions, planLocally } from "./local-plan.ts";
import { type LocalWorkspace, localWorkspace } from "./local-workspace.ts";

export interface DriftOptions {
  readonly dir: string;
  readonly varFiles: readonly string[];
  /** Noise too. */
  readonly all: boolean;
  /** Commit that was applied last: tells `absorbed` apart from `unapplied`. */
  readonly lastApplied: string | null;
  /** TF_WORKSPACE. */
  readonly selected: string | undefined;
  /** TF_DATA_DIR. */
  readonly dataDir: string | undefined;
  readonly signal: AbortSignal;
}

export interface DriftWorld {
  readonly engine: Engine;
  readonly catalogue: Catalogue;
  /** Makes a folder as it was at a commit, at its own place below `root`; `same` where it holds the same code now. */
  readonly earlier: (
    dir: string,
    commit: string,
    root: string,
  ) => Promise<{ readonly dir: string; readonly same: boolean }>;
  readonly progress: (line: string) => void;
}

export interface DriftReport {
  readonly workspace: string;
  readonly findings: readonly Finding[];
  /** Findings by cause; null where they could not be told. */
  readonly summary: Readonly<Partial<Record<Cause, number | null>>>;
  /** Said where, without accepted state, a change that a refresh absorbed looks like unapplied code. */
  readonly note?: string;
}

type Looking = Omit<LocalPlanOptions, "copy">;

/** One look at a folder, read-only. The caller exits 2 where a finding other than noise is left. */
export const lookForDrift = async (world: DriftWorld, options: DriftOptions): Promise<DriftReport> => {
  const workspace = await localWorkspace(options.dir, options.selected, options.dataDir);
  const looking: Looking = {
    workspace: workspace.name,
    varFiles: options.varFiles,
    progress: world.progress,
    signal: options.signal,
  };
  const key = randomBytes(32);
  const find = finder(world, workspace, key);
  const { plan, schema } = await planLocally(world.engine, {
    ...looking,
    copy: (root) => copyFolder(workspace.dir, root),
    wantsSchema: (plan) => options.lastApplied !== null || wantsSchema(find({ plan })),
  });
  const accepted =
    options.lastApplied === null
      ? null
      : await acceptedAt(world, workspace, looking, options.lastApplied, key);
  const findings = find({
    plan,
    ...(schema === null ? {} : { schema: readProviderSchema(JSON.parse(schema) as Json) }),
    ...(accepted === null ? {} : { accepted: accepted.state }),
    ...(accepted?.same ? { inputTreeHash: codeHash(plan) } : {}),
  });
  return report(workspace, findings, options);
};

/** Whether the providers' schemas may judge one of these findings otherwise. */
export const wantsSchema = (findings: readonly Finding[]): boolean =>
  findings.some(({ cause, path }) => cause !== "noise" && path !== "");

export const finder =
  ({ catalogue }: Pick<DriftWorld, "catalogue">, workspace: LocalWorkspace, key: Uint8Array) =>
  (facts: Pick<DriftFacts, "plan"> & Partial<DriftFacts>): readonly Finding[] =>
    findDrift({
      accepted: null,
      key,
      workspace: workspace.key,
      inputTreeHash: "",
      lockFileHash: null,
      catalogue,
      ignore: [],
      now: new Date(),
      ...facts,
    }).findings;

/** What the last-applied commit wants of today's state stands in for the ledger's memory. */
export const acceptedAt = async (
  world: DriftWorld,
  workspace: LocalWorkspace,
  looking: Looking,
  commit: string,
  key: Uint8Array,
): Promise<{ readonly state: AcceptedState; readonly same: boolean }> => {
  let same = false;
  const copy = async (root: string): Promise<string> => {
    const folder = await world.earlier(workspace.dir, commit, root);
    ({ same } = folder);
    return folder.dir;
  };
  const { plan, state: recorded } = await planLocally(world.engine, { ...looking, copy, wantsState: true });
  const state = {
    workspace: workspace.key,
    commit,
    lockFileHash: null,
    inputTreeHash: codeHash(plan),
    lineage: null,
    serial: null,
    values: acceptedValues(asApplied(plan, recorded), key, workspace.key),
    acceptedAt: new Date(),
  };
  return { state, same };
};

// The modules around the folder are code too, and this is how the engine read them.
export const codeHash = (plan: Plan): string => hash("sha256", canonicalJson(plan.configuration));

const report = (workspace: LocalWorkspace, found: readonly Finding[], options: DriftOptions): DriftReport => {
  const findings = found.filter((finding) => options.all || finding.cause !== "noise");
  const summary: Partial<Record<Cause, number>> = {};
  for (const { cause } of findings) summary[cause] = (summary[cause] ?? 0) + 1;
  const unsure = options.lastApplied === null && summary.unapplied !== undefined;
  return {
    workspace: workspace.key,
    findings: findings.map(findingFacts),
    ...(unsure ? { summary: { ...summary, absorbed: null }, note } : { summary }),
  };
};

const note =
  "Without accepted state, `absorbed` could not be told from `unapplied`; give --last-applied COMMIT to tell them apart.";

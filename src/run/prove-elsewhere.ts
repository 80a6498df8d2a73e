import { mkdtemp, realpath, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Disturbed, elsewhere, shownValues } from "../codify/elsewhere.ts";
import { withoutIdleImports } from "../codify/import-blocks.ts";
import type { ParseHcl } from "../hcl/syntax.ts";
import { asPlumblineError, PlumblineError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { readPlan } from "../plan/read.ts";
import type { Engine, EngineCall } from "../ports/engine.ts";
import { type SecretScanning, secretTexts } from "./codify-secrets.ts";
import { firstLine } from "./engine-words.ts";
import { openProofCopy, type ProvedWorkspace } from "./prove-scratch.ts";
import { asThere, copyRepository, isKept, mustWork, varFilesIn } from "./repository-copy.ts";

/** Another workspace of the repository, that may read what is edited. Paths are absolute. */
export interface SharingWorkspace {
  /** As people call it: its project's name, else `dir#name`. */
  readonly label: string;
  readonly engine: () => Promise<Engine>;
  /** Its folder in the repository; the data folder is a private one, whatever stands here. */
  readonly call: Omit<EngineCall, "dataDir">;
  readonly varFiles: readonly string[];
  /** Whether it is made of this file, by path in the repository. */
  readonly reads: (path: string) => boolean;
}

/** What the edited files do to one workspace that reads some of them. */
export interface ElsewhereAnswer {
  readonly workspace: Pick<SharingWorkspace, "label" | "reads">;
  /** Why it could not be planned at all; null where a plan was made with and one without the edit. */
  readonly unproven: string | null;
  /** Nobody tried to plan it, and nobody will for this code. */
  readonly unasked?: true;
  /** What it would plan otherwise; none: proven there. */
  readonly disturbed: readonly Disturbed[];
  /** Its own drift that the edit says as well. */
  readonly settled: readonly string[];
}

export interface Sharing {
  /** Plans every workspace that reads one of the files with these texts, and holds it against its plan without them. */
  ask(files: ReadonlyMap<string, string>): Promise<readonly ElsewhereAnswer[]>;
  dispose(): Promise<void>;
}

interface SharingOptions extends SecretScanning {
  readonly workspaces: readonly SharingWorkspace[];
  /** Why nobody knows all of them; null where all are known. */
  readonly unknown: string | null;
  /** How many of those that read an edited file are planned. */
  readonly most: number;
  readonly repoRoot: string;
  /** A private folder outside of every checkout. */
  readonly parent: string;
  readonly parse: ParseHcl;
  /** Hears of each plan before its values may be told: they hold the secrets of that workspace. */
  readonly onPlan: (plan: Plan) => void;
  readonly progress: (line: string) => void;
}

const AT_ONCE = 2;

/** The plan without the edit is made once for each workspace, when it is first needed; it takes no lock. */
export const openSharing = (options: SharingOptions): Sharing => {
  const bases = new Map<SharingWorkspace, Promise<Base>>();
  const baseOf = (workspace: SharingWorkspace): Promise<Base> => {
    const known = bases.get(workspace) ?? planWithout(workspace, options);
    bases.set(workspace, known);
    return known;
  };
  return {
    ask: async (files) => {
      const readers = options.workspaces.filter(({ reads }) => [...files.keys()].some(reads));
      const answers = await inTurns(readers.slice(0, options.most), AT_ONCE, async (workspace) => {
        const base = await baseOf(workspace).catch((failure: unknown) => unplanned(failure));
        if ("unproven" in base) return { workspace, ...base, disturbed: [], settled: [] };
        options.progress(`plan of ${workspace.label} with the edit`);
        return { workspace, ...(await compare(base, files, options)) };
      });
      return [...answers, ...unasked(readers.slice(options.most), options)];
    },
    dispose: async () => {
      const settled = await Promise.allSettled(bases.values());
      for (const one of settled)
        if (one.status === "fulfilled") await rm(one.value.folder, { recursive: true, force: true });
    },
  };
};

/** Those that nobody plans: too many, or not known by name. */
const unasked = (
  left: readonly SharingWorkspace[],
  { most, unknown }: Pick<SharingOptions, "most" | "unknown">,
): readonly ElsewhereAnswer[] => {
  const limit = `only ${most} of the workspaces that read the edited files are planned at once`;
  const answer = (workspace: ElsewhereAnswer["workspace"], unproven: string): ElsewhereAnswer => ({
    workspace,
    unproven,
    unasked: true,
    disturbed: [],
    settled: [],
  });
  return [
    ...left.map((workspace) => answer(workspace, limit)),
    ...(unknown === null ? [] : [answer(ANY_OTHER, unknown)]),
  ];
};

const ANY_OTHER: ElsewhereAnswer["workspace"] = { label: "any other workspace", reads: () => true };

interface Base {
  readonly folder: string;
  readonly proved: ProvedWorkspace;
  readonly plan: Plan;
}

const planWithout = async (workspace: SharingWorkspace, options: SharingOptions): Promise<Base> => {
  const { repoRoot, parent } = options;
  options.progress(`plan of ${workspace.label} as it is`);
  const folder = await mkdtemp(join(parent, "shared-"));
  try {
    const engine = await workspace.engine();
    const root = await copyRepository(repoRoot, folder, isKept);
    const dir = join(root, relative(repoRoot, workspace.call.dir));
    await mustLieIn(root, dir);
    const call: EngineCall = {
      ...workspace.call,
      dir,
      tree: folder,
      dataDir: join(folder, "data"),
      workspaceMustExist: true,
    };
    const planFile = join(folder, "base.tfplan");
    mustWork("init", await engine.init(call));
    const varFiles = varFilesIn(root, { ...workspace, repoRoot });
    mustWork("plan", await engine.plan(call, { out: planFile, lock: false, varFiles }));
    const plan = readPlan(asThere(folder, mustWork("show", await engine.show(call, planFile)).json));
    options.onPlan(plan);
    // The copy may be large; the plan file and the fetched modules are all that is needed of it from here on.
    await rm(root, { recursive: true, force: true });
    const asPlanned = withoutIdleImports(options.parse, plan);
    const there = { ...call, dir: workspace.call.dir };
    const proved = { ...workspace, engine, call: there, repoRoot, planFile, asPlanned };
    return { folder, proved, plan };
  } catch (failure) {
    await rm(folder, { recursive: true, force: true });
    const { code, message } = asPlumblineError(failure);
    throw new PlumblineError(code, asThere(folder, message), { cause: failure });
  }
};

const mustLieIn = async (root: string, dir: string): Promise<void> => {
  const [realRoot, realDir] = await Promise.all([realpath(root), realpath(dir).catch(() => null)]);
  if (realDir === null) throw new PlumblineError("engine-failed", "Its folder is not there.");
  if (relative(realRoot, realDir).startsWith(".."))
    throw new PlumblineError("path-escapes", "Its folder lies behind a symbolic link.");
};

/** On the state that the plan without the edit has read, so that nothing but the edit can make a difference. */
const compare = async (
  { proved, plan: base }: Base,
  files: ReadonlyMap<string, string>,
  options: SharingOptions,
): Promise<Omit<ElsewhereAnswer, "workspace">> => {
  try {
    const copy = await openProofCopy(proved, options.parent);
    try {
      await copy.write(files);
      const planned = await copy.plan({ refresh: false });
      if ("problem" in planned)
        return { unproven: null, disturbed: [whollyDisturbed(planned.problem)], settled: [] };
      options.onPlan(planned.plan);
      const found = elsewhere(base, planned.plan);
      const secrets = await secretTexts(options, shownValues(planned.plan, found));
      return { unproven: null, ...(secrets.size === 0 ? found : elsewhere(base, planned.plan, secrets)) };
    } finally {
      await copy.dispose();
    }
  } catch (failure) {
    return { ...unplanned(failure), disturbed: [], settled: [] };
  }
};

const whollyDisturbed = (problem: string): Disturbed => ({
  address: `it does not plan any more: ${firstLine(problem)}`,
  attribute: "",
  values: null,
  drifted: false,
});

const unplanned = (failure: unknown): { readonly unproven: string } => {
  const [what = "", ...rest] = asPlumblineError(failure).message.split("\n");
  const why = firstLine(rest.join("\n"));
  return { unproven: why === "" ? what : `${what} ${why}` };
};

const inTurns = async <Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> => {
  const left = [...items.entries()];
  const results = new Map<number, Result>();
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) results.set(next[0], await work(next[1]));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return items.flatMap((_, index) => results.get(index) ?? []);
};

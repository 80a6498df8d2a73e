import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { unzipSync } from "fflate";
import { PlumblineError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { readPlan } from "../plan/read.ts";
import type { Engine, EngineCall } from "../ports/engine.ts";
import { withTexts } from "./prove-planned-text.ts";
import { asThere, copyRepository, isKept, mustWork, varFilesIn } from "./repository-copy.ts";

/** A workspace whose code is proven. Paths are absolute. */
export interface ProvedWorkspace {
  readonly engine: Engine;
  /** As the original plan was made. */
  readonly call: EngineCall;
  /** Root of the repository, or of the smallest folder that holds the root module and all local modules. */
  readonly repoRoot: string;
  readonly varFiles: readonly string[];
  /** The original plan file: the refreshed state lies in it. */
  readonly planFile: string;
  readonly extraArgs?: readonly string[];
  /** The text of a root module's file as the engine shall plan it; as it is where left out. */
  readonly asPlanned?: (path: string, text: string) => string;
}

/** A copy of the repository with the refreshed state in a local backend. */
export interface ProofCopy {
  /** Writes new texts of files, by path in the repository. */
  write(files: ReadonlyMap<string, string>): Promise<void>;
  read(path: string): Promise<string>;
  /** A plan of the copy as it is now; the engine's words where there is none. */
  plan(options: {
    readonly refresh: boolean;
  }): Promise<{ readonly plan: Plan } | { readonly problem: string }>;
  /** What the engine writes for `import` blocks without a resource; null with its words where it writes nothing. */
  generate(
    imports: string,
  ): Promise<{ readonly text: string | null; readonly plan: Plan | null; readonly problem: string }>;
  /** Of these files, those that the engine's formatter would leave alone. */
  formatted(paths: readonly string[]): Promise<readonly string[]>;
  format(paths: readonly string[]): Promise<void>;
  schemas(): Promise<string>;
  dispose(): Promise<void>;
}

/**
 * Copies the whole repository into a private folder below `parent`, outside of every checkout, and initialises it on
 * the state that the plan file holds: no lock, no remote state, the same engine workspace name.
 * @throws `engine-failed` where the copy cannot be initialised.
 */
export const openProofCopy = async (workspace: ProvedWorkspace, parent: string): Promise<ProofCopy> => {
  const folder = await mkdtemp(join(parent, "proof-"));
  try {
    const root = await copyRepository(workspace.repoRoot, folder, isCode);
    const dir = join(root, relative(workspace.repoRoot, workspace.call.dir));
    const call: EngineCall = {
      ...workspace.call,
      dir,
      tree: folder,
      reads: [workspace.call.dataDir],
      dataDir: join(folder, "data"),
      workspaceMustExist: false,
    };
    await writeFile(join(dir, OVERRIDE), 'terraform {\n  backend "local" {}\n}\n');
    const { engine } = workspace;
    await keepModules(workspace, call.dataDir);
    mustWork("init", await engine.init(call, { reconfigure: true }));
    // Only now: an init that finds a state asks whether to migrate it.
    await writeState(dir, workspace);
    return proofCopy({ folder, root, call, workspace });
  } catch (failure) {
    await rm(folder, { recursive: true, force: true });
    throw failure;
  }
};

// Last in the order of files, so that it counts whatever other overrides say.
const OVERRIDE = "zzzz_plumbline_proof_override.tf";

/** States are left out too: the refreshed one takes their place. */
const isCode = (name: string): boolean =>
  isKept(name) && name !== "terraform.tfstate.d" && !/\.tfstate(\..*)?$/.test(name);

interface Manifest {
  readonly Modules?: readonly { readonly Key: string; readonly Dir: string }[];
}

/**
 * Modules that the first init fetched are used where they lie. Those of the repository are not, or edits of them would
 * be proven by the texts before: an init that met them behind a link has written their real place.
 */
const keepModules = async (
  { call: { dataDir: from }, repoRoot }: ProvedWorkspace,
  to: string,
): Promise<void> => {
  const text = await readFile(join(from, "modules", "modules.json"), "utf8").catch(() => "{}");
  const fetched = ((JSON.parse(text) as Manifest).Modules ?? []).filter(
    ({ Dir }) => isAbsolute(Dir) && (isBelow(Dir, from) || !isBelow(Dir, repoRoot)),
  );
  if (fetched.length === 0) return;
  await mkdir(join(to, "modules"), { recursive: true, mode: 0o700 });
  await writeFile(join(to, "modules", "modules.json"), JSON.stringify({ Modules: fetched }));
};

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}${sep}`);

const writeState = async (dir: string, { planFile, call }: ProvedWorkspace): Promise<void> => {
  const parts = unzipSync(await readFile(planFile), { filter: ({ name }) => name === "tfstate" });
  const state = parts["tfstate"];
  if (!state) throw new PlumblineError("engine-failed", "The plan file holds no state to prove against.");
  const folder = call.workspace === "default" ? dir : join(dir, "terraform.tfstate.d", call.workspace);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, "terraform.tfstate"), state, { mode: 0o600 });
};

const escaping = (path: string): PlumblineError =>
  new PlumblineError("path-escapes", `${path} lies behind a symbolic link and is not edited.`);

interface Opened {
  readonly folder: string;
  readonly root: string;
  readonly call: EngineCall;
  readonly workspace: ProvedWorkspace;
}

const proofCopy = ({ folder, root, call, workspace }: Opened): ProofCopy => {
  const { engine } = workspace;
  const inside = (path: string): string => join(root, path);
  return {
    write: async (files) => {
      const real = await realpath(root);
      for (const [path, text] of files) {
        if ((await realpath(inside(path))) !== join(real, path)) throw escaping(path);
        await writeFile(inside(path), text);
      }
    },
    read: (path) => readFile(inside(path), "utf8"),
    plan: ({ refresh }) => planOf({ folder, root, call, workspace }, refresh),
    generate: (imports) => generated({ folder, root, call, workspace }, imports),
    formatted: async (paths) => {
      const others = await engine.unformatted(call, paths.map(inside));
      return paths.filter((path) => !others.includes(inside(path)));
    },
    format: async (paths) => {
      if (paths.length > 0) await engine.format(call, paths.map(inside));
    },
    schemas: async () => mustWork("providers schema", await engine.providersSchema(call)).json,
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
};

const IMPORTS = "zzzz_plumbline_import.tf";
const GENERATED = "zzzz_plumbline_generated.tf";

/** An engine that finds its own blocks invalid writes them all the same. */
const generated = async (opened: Opened, imports: string): ReturnType<ProofCopy["generate"]> => {
  const { dir } = opened.call;
  const [asked, out] = [join(dir, IMPORTS), join(dir, GENERATED)];
  await writeFile(asked, imports);
  try {
    const planned = await planOf(opened, false, out);
    const text = await readFile(out, "utf8").catch(() => null);
    return "plan" in planned
      ? { text, plan: planned.plan, problem: "" }
      : { text, plan: null, problem: planned.problem };
  } finally {
    await Promise.all([asked, out].map((file) => rm(file, { force: true })));
  }
};

const planOf = async (
  { folder, root, call, workspace }: Opened,
  refresh: boolean,
  generateConfigOut?: string,
): Promise<{ readonly plan: Plan } | { readonly problem: string }> => {
  const out = join(folder, "proof.tfplan");
  const varFiles = varFilesIn(root, workspace);
  const result = await withTexts(call.dir, workspace.asPlanned, () =>
    workspace.engine.plan(call, {
      out,
      lock: false,
      skipRefresh: !refresh,
      varFiles,
      ...(generateConfigOut ? { generateConfigOut } : {}),
      ...(workspace.extraArgs ? { extraArgs: workspace.extraArgs } : {}),
    }),
  );
  if (result.failed) return { problem: asThere(folder, result.diagnostics || result.shortMessage) };
  const { json } = mustWork("show", await workspace.engine.show(call, out));
  return { plan: readPlan(asThere(folder, json)) };
};

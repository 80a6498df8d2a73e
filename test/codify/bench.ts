import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Console } from "../../demo/cloud/console.ts";
import { secondOpinion } from "../../src/adapters/hcl-second-opinion.ts";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import { secretScanner } from "../../src/adapters/secret-scanner.ts";
import { findDrift } from "../../src/drift/find.ts";
import type { AcceptedState } from "../../src/model/finding.ts";
import type { Plan } from "../../src/model/plan.ts";
import { readPlan } from "../../src/plan/read.ts";
import type { Engine, EngineCall, EngineResult } from "../../src/ports/engine.ts";
import { type Codified, codifyWorkspace } from "../../src/run/codify.ts";
import type { Bench } from "../contract/engine-bench.ts";
import { besidesTheEdit } from "./only-edits.ts";

export interface Story {
  readonly files: Readonly<Record<string, string>>;
  /** What somebody does in the console. */
  readonly console: (cloud: Console) => void;
  /** Code that was merged and not applied. */
  readonly merged?: Readonly<Record<string, string>>;
  readonly varFiles?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workspace?: string;
  /** Root module's folder in the repository. */
  readonly dir?: string;
}

export interface Told extends Codified {
  /** The edited files and all others, after writing them into the repository. */
  readonly texts: Readonly<Record<string, string>>;
  /** What a real plan of the edited repository would do: `address: action`. */
  readonly left: readonly string[];
  readonly findings: readonly string[];
  /** Plans that the engine was asked for between the drift plan and the accepted edit. */
  readonly enginePlans: number;
  /** What the edits did besides what they were for; comments that went are told apart. */
  readonly besides: readonly string[];
}

const KEY = new Uint8Array(32);

/** Applies, lets the console change things, looks for drift, codifies, writes, and plans for real. */
export const tell = async (bench: Bench, story: Story): Promise<Told> => {
  const { engine } = bench;
  const repoRoot = bench.call.dir;
  const call = {
    ...bench.call,
    dir: join(repoRoot, story.dir ?? "."),
    workspace: story.workspace ?? "default",
    env: { ...bench.call.env, ...story.env },
  };
  await write(repoRoot, { ...providersFor(story.files), ...story.files });
  const varFiles = (story.varFiles ?? []).map((file) => join(repoRoot, file));
  const plan = async (name: string): Promise<Plan> => {
    mustWork(await engine.plan(call, { out: bench.path(name), lock: false, varFiles }));
    return readPlan(mustWork(await engine.show(call, bench.path(name))).json);
  };
  mustWork(await engine.init(call));
  await plan("first.tfplan");
  mustWork(await engine.apply(call, bench.path("first.tfplan")));
  story.console(bench.cloud);
  if (story.merged) {
    await write(repoRoot, story.merged);
    mustWork(await engine.init(call));
  }
  const original = await plan("drift.tfplan");
  const { findings } = findDrift({
    plan: original,
    accepted: null as AcceptedState | null,
    key: KEY,
    workspace: "w",
    inputTreeHash: "",
    lockFileHash: null,
    ignore: [],
    now: new Date(),
  });
  await mkdir(bench.path("scratch"), { recursive: true });
  const counted = countingPlans(engine);
  const codified = await codifyWorkspace({
    workspace: { engine: counted.engine, call, repoRoot, varFiles, planFile: bench.path("drift.tfplan") },
    plan: original,
    findings,
    parse: await loadHcl(),
    reads: secondOpinion(),
    scanner: secretScanner(),
    scratch: bench.path("scratch"),
    progress: () => undefined,
  });
  const besides = await besidesTheEdits(engine, call, repoRoot, codified);
  const last = await plan("last.tfplan");
  const texts: Record<string, string> = {};
  for (const path of Object.keys({ ...story.files, ...story.merged }))
    texts[path] = await readFile(join(repoRoot, path), "utf8");
  const left = last.changes
    .filter(({ action }) => action !== "no-op" && action !== "read")
    .map(({ address, action }) => `${address}: ${action}`);
  return {
    ...codified,
    texts,
    left,
    besides,
    enginePlans: counted.plans(),
    findings: findings.map(({ address, path, cause }) => `${address} ${path} ${cause}`),
  };
};

/** Writes the edited files, and looks at what else became of them. */
const besidesTheEdits = async (
  engine: Engine,
  call: EngineCall,
  repoRoot: string,
  { files, before }: Codified,
): Promise<readonly string[]> => {
  const parse = await loadHcl();
  const inFormat = Object.keys(files).filter((path) => /\.(tf|tofu|tfvars)$/.test(path));
  const unformatted = async (): Promise<readonly string[]> =>
    inFormat.length === 0
      ? []
      : engine.unformatted(
          call,
          inFormat.map((path) => join(repoRoot, path)),
        );
  const was = await unformatted();
  await write(repoRoot, files);
  const is = await unformatted();
  return Object.entries(files).flatMap(([path, after]) =>
    besidesTheEdit(parse, {
      path,
      before: before[path] ?? "",
      after,
      wasFormatted: inFormat.includes(path) && !was.includes(join(repoRoot, path)),
      isFormatted: !is.includes(join(repoRoot, path)),
    }),
  );
};

const countingPlans = (engine: Engine) => {
  let plans = 0;
  const plan: Engine["plan"] = (...args) => {
    plans += 1;
    return engine.plan(...args);
  };
  return { engine: { ...engine, plan }, plans: () => plans };
};

/** Each folder that uses the demo's kafka provider says where it comes from. */
const providersFor = (files: Story["files"]): Story["files"] => {
  const dirs = Object.entries(files)
    .filter(([, text]) => /"kafka_(topic|connector)"/.test(text))
    .map(([path]) => dirname(path));
  const text = 'terraform {\n  required_providers {\n    kafka = { source = "mongey/kafka" }\n  }\n}\n';
  return Object.fromEntries(dirs.map((dir) => [join(dir, "versions.tf"), text]));
};

const write = async (root: string, files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
};

/** The same result; ends the test where the engine failed. */
export const mustWork = <T extends EngineResult>(result: T): T => {
  if (result.failed) throw new Error(result.diagnostics || result.shortMessage);
  return result;
};

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { secondOpinion } from "../src/adapters/hcl-second-opinion.ts";
import { loadHcl } from "../src/adapters/hcl-wasm.ts";
import { secretScanner } from "../src/adapters/secret-scanner.ts";
import { findDrift } from "../src/drift/find.ts";
import type { ParseHcl } from "../src/hcl/syntax.ts";
import { readPlan } from "../src/plan/read.ts";
import type { Engine, EngineResult } from "../src/ports/engine.ts";
import { codifyWorkspace } from "../src/run/codify.ts";
import { type CodifyFixture, codifyFixture } from "./codify-fixture.ts";
import type { BenchOptions } from "./overhead.ts";
import { median } from "./overhead-table.ts";

interface CodifyResult {
  readonly figures: {
    readonly parse: { readonly bytes: number; readonly mbPerSecond: number };
    readonly codify: {
      readonly resources: number;
      readonly drifted: number;
      readonly ms: number;
      readonly plans: number;
    };
  };
  readonly text: string;
}

const [RESOURCES, DRIFTED] = [600, 70];
const PARSED_RESOURCES = 6000;
const AIM = { mbPerSecond: 2, ms: 1000, plans: 1 } as const;

/** How fast code is parsed, and what codify takes beside its engine: that one answers at once. */
export const codifyBench = async ({ repetitions, progress }: BenchOptions): Promise<CodifyResult> => {
  const parse = await loadHcl();
  const [large, fixture] = [codifyFixture(PARSED_RESOURCES, 0), codifyFixture(RESOURCES, DRIFTED)];
  const bytes = [...large.files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const [speeds, times]: [number[], number[]] = [[], []];
  let plans = 0;
  for (let round = 0; round <= repetitions; round += 1) {
    const speed = bytes / 1000 / parseMs(parse, large);
    const codified = await codifyMs(parse, fixture);
    const { ms } = codified;
    plans = codified.plans;
    progress(
      `${round === 0 ? "warm-up" : `round ${round}`}: ${speed.toFixed(2)} MB/s, codify ${ms.toFixed(0)} ms`,
    );
    if (round === 0) continue;
    speeds.push(speed);
    times.push(ms);
  }
  const figures = {
    parse: { bytes, mbPerSecond: median(speeds) },
    codify: { resources: RESOURCES, drifted: DRIFTED, ms: median(times), plans },
  };
  return { figures, text: tableOf(figures) };
};

const parseMs = (parse: ParseHcl, { files }: CodifyFixture): number => {
  const started = performance.now();
  for (const [path, text] of files)
    if (parse(path, text).problems.length > 0) throw new Error(`${path} is not read.`);
  return performance.now() - started;
};

/** From the plan's text to the accepted proof, files in a repository of their own. */
const codifyMs = async (
  parse: ParseHcl,
  fixture: CodifyFixture,
): Promise<{ readonly ms: number; readonly plans: number }> => {
  const dir = await mkdtemp(join(tmpdir(), "plumbline-bench-"));
  try {
    const [repoRoot, scratch, planFile] = [
      join(dir, "repo"),
      join(dir, "scratch"),
      join(dir, "drift.tfplan"),
    ];
    await mkdir(repoRoot);
    await mkdir(scratch);
    for (const [path, text] of fixture.files) await writeFile(join(repoRoot, path), text);
    await writeFile(planFile, zipSync({ tfstate: new TextEncoder().encode("{}") }));
    const call = { dir: repoRoot, dataDir: join(dir, "data"), workspace: "default", env: {} };
    const started = performance.now();
    const plan = readPlan(fixture.drifted);
    const codified = await codifyWorkspace({
      workspace: { engine: instantEngine(fixture), call, repoRoot, varFiles: [], planFile },
      plan,
      findings: findDrift({ ...UNACCEPTED, plan }).findings,
      parse,
      reads: secondOpinion(),
      scanner: secretScanner(),
      scratch,
      progress: () => undefined,
    });
    const ms = performance.now() - started;
    const texts = Object.values(codified.files).join("\n");
    const missing = fixture.live.filter((value) => !texts.includes(value));
    if (codified.result !== "proven" || missing.length > 0)
      throw new Error(
        `${codified.result}, ${missing.length} values missing: ${JSON.stringify(codified.refused.slice(0, 3))}`,
      );
    return { ms, plans: codified.plans };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
};

const UNACCEPTED = {
  accepted: null,
  key: new Uint8Array(32),
  workspace: "bench",
  inputTreeHash: "",
  lockFileHash: null,
  ignore: [],
  now: new Date(0),
};

/** Says that the edited code is empty, whatever it is: it times what is ours, and proves nothing. */
const instantEngine = ({ settled, schemas }: CodifyFixture): Engine => {
  const answers: Pick<Engine, "init" | "plan" | "show" | "providersSchema" | "unformatted" | "format"> = {
    init: async () => DONE,
    plan: async () => DONE,
    show: async () => ({ ...DONE, json: settled }),
    providersSchema: async () => ({ ...DONE, json: schemas }),
    unformatted: async () => [],
    format: async () => DONE,
  };
  return answers as Engine;
};

const DONE: EngineResult = {
  failed: false,
  exitCode: 0,
  timedOut: false,
  aborted: false,
  log: "",
  diagnostics: "",
  shortMessage: "",
  durationMs: 0,
};

const tableOf = ({ parse, codify }: CodifyResult["figures"]): string =>
  [
    `parse   ${parse.mbPerSecond.toFixed(2)} MB/s over ${(parse.bytes / 1e6).toFixed(2)} MB (aim: at least ${AIM.mbPerSecond}; reached: ${parse.mbPerSecond >= AIM.mbPerSecond ? "yes" : "no"})`,
    `codify  ${codify.ms.toFixed(0)} ms for ${codify.resources} resources with ${codify.drifted} drifted, without engine time (aim: at most ${AIM.ms}; reached: ${codify.ms <= AIM.ms ? "yes" : "no"})`,
    `proof   ${codify.plans} plan${codify.plans === 1 ? "" : "s"} of the edited code (aim: ${AIM.plans}; reached: ${codify.plans <= AIM.plans ? "yes" : "no"})`,
    "",
  ].join("\n");

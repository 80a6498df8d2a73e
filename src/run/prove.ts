import { assemble } from "../codify/assemble.ts";
import type { Change, RefusedPlace } from "../codify/facts.ts";
import { judge, notReproduced, remaining } from "../codify/verdict.ts";
import type { Edit } from "../hcl/edit.ts";
import type { Plan } from "../model/plan.ts";
import type { ProofCopy } from "./prove-scratch.ts";

/** What came of a proof. */
export interface Proven {
  /** New texts of the edited files, by path in the repository; as the engine's formatter likes them where they were so. */
  readonly files: ReadonlyMap<string, string>;
  readonly edits: ReadonlyMap<Change, readonly Edit[]>;
  readonly refused: readonly RefusedPlace[];
  /** The real, refreshed plan of the edited code; null where nothing was proven. */
  readonly plan: Plan | null;
  /** What that plan would still do, beside what the code wanted before. */
  readonly remaining: readonly string[];
  readonly plans: number;
}

export interface ProofOptions {
  /** The plan in which the drift was found. */
  readonly original: Plan;
  readonly changes: readonly Change[];
  /** An independent parser: no file that it reads may be unreadable to it afterwards. */
  readonly reads: (text: string) => boolean;
  readonly progress: (line: string) => void;
}

const MOST_ROUNDS = 16;

/**
 * Tries the changes in a copy until a plan shows that each target has its live value and nothing else is planned
 * otherwise than before. A change that fails goes its next way; one that has no way left is refused with its reasons.
 * At the end one refreshed plan. Nothing is claimed that no plan has shown.
 */
export const prove = async (copy: ProofCopy, options: ProofOptions): Promise<Proven> => {
  const trial = createTrial(copy, options);
  const before = await trial.baseline();
  if (before === null || trial.open() === 0) return trial.nothing();
  for (let round = 0; round < MOST_ROUNDS && trial.open() > 0; round += 1) {
    const files = await trial.written();
    if (files === null) continue;
    const planned = await trial.plan(false);
    if ("problem" in planned) trial.blameUnplannable(planned.problem);
    else if (trial.accepts(before, planned.plan)) {
      const last = await trial.finished(before, files);
      if (last) return last;
    }
  }
  await trial.giveUp();
  return trial.nothing();
};

const createTrial = (copy: ProofCopy, { original, changes, reads, progress }: ProofOptions) => {
  const way = new Map<Change, number>(changes.map((change) => [change, 0]));
  const reasons = new Map<Change, string[]>();
  const failed = new Map<Change, Set<string>>();
  const refused: RefusedPlace[] = [];
  const sources = new Map<string, string>();
  let edits: ReadonlyMap<Change, readonly Edit[]> = new Map();
  let written = new Set<string>();
  let plans = 0;

  const refuse = (change: Change, reason: string): void => {
    way.delete(change);
    for (const path of change.settles) {
      if (!refused.some((one) => one.address === change.address && one.path === path))
        refused.push({ address: change.address, path, reason });
    }
  };
  const nextWay = (change: Change, reason: string): void => {
    const own = [...new Set([...(reasons.get(change) ?? []), reason])];
    reasons.set(change, own);
    const next = (way.get(change) ?? 0) + 1;
    if (next < change.ways.length) way.set(change, next);
    else refuse(change, own.join("; then: "));
  };
  const blame = (blamed: ReadonlyMap<Change, string>): void => {
    for (const [change, reason] of blamed) {
      const tried = failed.get(change) ?? new Set();
      tried.add(signature(edits.get(change) ?? []));
      failed.set(change, tried);
      nextWay(change, reason);
    }
  };
  const plan = async (refresh: boolean) => {
    plans += 1;
    progress(refresh ? "plan with refresh" : "plan");
    return copy.plan({ refresh });
  };
  /** Ways that lead nowhere, or to what failed before, are passed over without a plan. */
  const assembled = (): ReadonlyMap<string, string> | null => {
    while (way.size > 0) {
      const { edits: made, files, blocked } = assemble(way);
      const again = [...made].filter(([change, own]) => failed.get(change)?.has(signature(own)));
      for (const [change, reason] of blocked) nextWay(change, reason);
      if (blocked.size === 0) for (const [change] of again) nextWay(change, "the same edit failed before");
      if (blocked.size > 0 || again.length > 0) continue;
      edits = made;
      return files;
    }
    return null;
  };
  const restore = async (): Promise<void> => {
    await copy.write(new Map([...written].map((path) => [path, sources.get(path) ?? ""])));
    written = new Set();
  };

  return {
    open: () => way.size,
    plan,
    baseline: async (): Promise<Plan | null> => {
      const again = await plan(false);
      if ("problem" in again) {
        for (const change of changes)
          refuse(change, `not reproducible: the copy does not plan: ${firstLine(again.problem)}`);
        return null;
      }
      const strange = new Set(notReproduced(original, again.plan));
      for (const change of changes) {
        if (strange.has(change.address))
          refuse(change, "not reproducible: without any edit, the copy plans this resource otherwise");
      }
      return again.plan;
    },
    written: async (): Promise<ReadonlyMap<string, string> | null> => {
      await restore();
      const files = assembled();
      if (files === null) return null;
      for (const path of files.keys()) if (!sources.has(path)) sources.set(path, await copy.read(path));
      const clean = await copy.formatted([...files.keys()].filter((path) => !path.endsWith(".json")));
      await copy.write(files);
      written = new Set(files.keys());
      await copy.format(clean);
      const final = new Map<string, string>();
      for (const path of files.keys())
        final.set(path, endings(await copy.read(path), sources.get(path) ?? ""));
      await copy.write(final);
      const broken = [...final].filter(
        ([path, text]) => !path.endsWith(".json") && reads(sources.get(path) ?? "") && !reads(text),
      );
      if (broken.length === 0) return final;
      blame(
        touching(
          edits,
          broken.map(([path]) => path),
          "a second parser does not read the edited file",
        ),
      );
      return null;
    },
    accepts: (before: Plan, after: Plan): boolean => {
      const blamed = judge(before, after, edits);
      blame(blamed);
      return blamed.size === 0;
    },
    blameUnplannable: (problem: string): void => {
      const named = [...new Set([...edits.values()].flat().map(({ file }) => file.path))].filter((path) =>
        problem.includes(` ${path.split("/").at(-1)} line`),
      );
      const reason = `the edited code does not plan: ${firstLine(problem)}`;
      const some = touching(edits, named, reason);
      blame(some.size > 0 ? some : new Map([...edits.keys()].map((change) => [change, reason])));
    },
    finished: async (before: Plan, files: ReadonlyMap<string, string>): Promise<Proven | null> => {
      const real = await plan(true);
      if ("problem" in real) {
        for (const change of [...way.keys()])
          refuse(change, `the refreshed plan failed: ${firstLine(real.problem)}`);
        return null;
      }
      const blamed = judge(before, real.plan, edits);
      if (blamed.size > 0) {
        blame(blamed);
        return null;
      }
      return { files, edits, refused, plan: real.plan, remaining: remaining(real.plan), plans };
    },
    giveUp: async (): Promise<void> => {
      await restore();
      for (const change of [...way.keys()])
        refuse(change, [...(reasons.get(change) ?? []), "no proof was found in time"].join("; then: "));
    },
    nothing: (): Proven => ({
      files: new Map(),
      edits: new Map(),
      refused,
      plan: null,
      remaining: [],
      plans,
    }),
  };
};

const signature = (edits: readonly Edit[]): string =>
  edits.map(({ file, start, end, text }) => `${file.path}:${start}:${end}:${text}`).join("\n");

/** The formatter writes plain newlines; a file keeps its own. */
const endings = (text: string, before: string): string =>
  before.includes("\r\n") ? text.replaceAll(/\r?\n/g, "\r\n") : text;

const touching = (
  edits: ReadonlyMap<Change, readonly Edit[]>,
  paths: readonly string[],
  reason: string,
): ReadonlyMap<Change, string> =>
  new Map(
    [...edits]
      .filter(([, own]) => own.some(({ file }) => paths.includes(file.path)))
      .map(([change]) => [change, reason]),
  );

const firstLine = (text: string): string =>
  text
    .split("\n")
    .map((line) => line.replaceAll(/[╷│╵]/g, "").trim())
    .find((line) => line !== "")
    ?.slice(0, 200) ?? "";

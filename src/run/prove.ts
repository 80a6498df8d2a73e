import type { Change, RefusedPlace } from "../codify/facts.ts";
import type { Influence } from "../codify/influence.ts";
import { judge, notReproduced, remaining } from "../codify/verdict.ts";
import type { Plan } from "../model/plan.ts";
import type { SharedProof } from "../model/shared-proof.ts";
import { firstLine } from "./engine-words.ts";
import { type Choices, createChoices, type Edits } from "./prove-choices.ts";
import type { Sharing } from "./prove-elsewhere.ts";
import { createProofFiles } from "./prove-files.ts";
import { createObjections } from "./prove-objections.ts";
import type { ProofCopy } from "./prove-scratch.ts";

/** What came of a proof. */
export interface Proven {
  /** New texts of the edited files, by path in the repository; as the engine's formatter likes them where they were so. */
  readonly files: ReadonlyMap<string, string>;
  readonly edits: Edits;
  readonly refused: readonly RefusedPlace[];
  /** The real, refreshed plan of the edited code; null where nothing was proven. */
  readonly plan: Plan | null;
  /** What that plan would still do: what the code wanted before, and what outputs tell. */
  readonly remaining: readonly string[];
  readonly plans: number;
  /** Workspaces that share an edited file, or would have. */
  readonly shared: readonly SharedProof[];
}

export interface ProofOptions {
  /** The plan in which the drift was found. */
  readonly original: Plan;
  readonly changes: readonly Change[];
  readonly influence: Influence;
  /** An independent parser: no file that it reads may be unreadable to it afterwards. */
  readonly reads: (text: string) => boolean;
  readonly progress: (line: string) => void;
  /** Other workspaces that may read what is edited; none where left out. */
  readonly sharing?: Sharing | undefined;
}

const MOST_ROUNDS = 24;

/**
 * Tries the changes in a copy until a plan shows that each target has its live value and nothing else is planned
 * otherwise than before. The first try is one refreshed plan, held against the plan in which the drift was found: in
 * the usual case it is the only one. Where it fails, the copy must first plan the code as it was like that plan; then
 * a change that fails goes its next way, one that has no way left is refused with its reasons, and a refreshed plan
 * ends the search. What holds here must also leave the plans of all other workspaces that read the edited files as they
 * are, or the change goes its next way too. Nothing is claimed that no plan has shown.
 */
export const prove = async (copy: ProofCopy, options: ProofOptions): Promise<Proven> => {
  const choices = createChoices(options.changes);
  let plans = 0;
  const plan: ProofCopy["plan"] = (how) => {
    plans += 1;
    options.progress(how.refresh ? "plan with refresh" : `plan ${plans}`);
    return copy.plan(how);
  };
  const proofFiles = createProofFiles(copy, options.reads);
  const objections = createObjections(options.sharing);
  const judged = createJudge(plan, { ...options, choices, asBefore: () => proofFiles.write(new Map()) });
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const chosen = choices.next();
    if (!chosen) break;
    const { edits } = chosen;
    const { files, broken } = await proofFiles.write(chosen.files);
    if (broken.length > 0) {
      choices.blame(edits, touching(edits, broken, "a second parser does not read the edited file"));
      continue;
    }
    const judgement = await judged(edits);
    const blamed = "last" in judgement ? await objections.ask(edits, files) : judgement.blamed;
    if ("last" in judgement && blamed.size === 0) {
      const { last } = judgement;
      const { refused } = choices;
      const shared = objections.results(edits);
      return { files, edits, refused, plan: last, remaining: remaining(last), plans, shared };
    }
    choices.blame(edits, blamed);
  }
  choices.refuseRest("no proof was found in time");
  return { ...nothing(choices, plans), shared: objections.results(new Map()) };
};

const nothing = ({ refused }: Choices, plans: number): Omit<Proven, "shared"> => ({
  files: new Map(),
  edits: new Map(),
  refused,
  plan: null,
  remaining: [],
  plans,
});

type Judgement = { readonly last: Plan } | { readonly blamed: ReadonlyMap<Change, string> };

interface Judging extends Pick<ProofOptions, "original" | "changes" | "influence"> {
  readonly choices: Choices;
  /** Puts the code as it was into the copy. */
  readonly asBefore: () => Promise<unknown>;
}

/** Says who failed, with one plan where all went well at once, and the cloud is asked again only at the end. */
const createJudge = (plan: ProofCopy["plan"], { asBefore, ...judging }: Judging) => {
  const { influence } = judging;
  let before: Plan | null = null;
  return async (edits: Edits): Promise<Judgement> => {
    if (before) {
      const first = verdict(before, edits, await plan({ refresh: false }), influence);
      return "last" in first ? verdict(before, edits, await plan({ refresh: true }), influence) : first;
    }
    const planned = await plan({ refresh: true });
    const judgement = verdict(judging.original, edits, planned, influence);
    if ("last" in judgement) return judgement;
    await asBefore();
    before = await baseline(plan, judging);
    // What is refused by now stands in the plan; its reasons are no longer of use, and nobody is to blame.
    const isWhole = judging.choices.open() === edits.size;
    return before && isWhole ? verdict(before, edits, planned, influence) : { blamed: new Map() };
  };
};

/** The copy must plan what the original plan said, or no plan of it proves anything; what is not so is refused. */
const baseline = async (
  plan: ProofCopy["plan"],
  { original, changes, choices }: Omit<Judging, "asBefore">,
): Promise<Plan | null> => {
  const again = await plan({ refresh: false });
  if ("problem" in again) {
    choices.refuseRest(`not reproducible: the copy does not plan: ${firstLine(again.problem)}`);
    return null;
  }
  const strange = new Set(notReproduced(original, again.plan));
  for (const change of changes) {
    if (strange.has(change.address))
      choices.refuse(change, "not reproducible: without any edit, the copy plans this resource otherwise");
  }
  return again.plan;
};

const verdict = (
  before: Plan,
  edits: Edits,
  planned: Awaited<ReturnType<ProofCopy["plan"]>>,
  influence: Influence,
): Judgement => {
  if ("problem" in planned) return { blamed: unplannable(edits, planned.problem) };
  const blamed = judge(before, planned.plan, edits, influence);
  return blamed.size > 0 ? { blamed } : { last: planned.plan };
};

/** The engine names the file that it cannot plan; where it names none of ours, all are under suspicion. */
const unplannable = (edits: Edits, problem: string): ReadonlyMap<Change, string> => {
  const paths = [...new Set([...edits.values()].flat().map(({ file }) => file.path))];
  const named = paths.filter((path) => problem.includes(`${path.split("/").at(-1)} line`));
  const reason = `the edited code does not plan: ${firstLine(problem)}`;
  const some = touching(edits, named, reason);
  return some.size > 0 ? some : new Map([...edits.keys()].map((change) => [change, reason]));
};

const touching = (edits: Edits, paths: readonly string[], reason: string): ReadonlyMap<Change, string> =>
  new Map(
    [...edits]
      .filter(([, own]) => own.some(({ file }) => paths.includes(file.path)))
      .map(([change]) => [change, reason]),
  );

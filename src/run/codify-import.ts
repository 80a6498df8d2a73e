import { openRoot } from "../codify/configuration.ts";
import { withoutIdleImports } from "../codify/import-blocks.ts";
import { createDraft, type Draft } from "../codify/import-draft.ts";
import { draftFacts, generatedBlocks, schemaOf, twinText } from "../codify/import-facts.ts";
import { generatedValues } from "../codify/import-parts.ts";
import { type ImportPlace, importEdits, importPlace } from "../codify/import-place.ts";
import {
  type ImportTarget,
  type ImportWish,
  importTargets,
  standInImports,
} from "../codify/import-target.ts";
import { judgeImports, namedByErrors } from "../codify/import-verdict.ts";
import { remaining } from "../codify/verdict.ts";
import { applyEdits } from "../hcl/edit.ts";
import { PlumblineError } from "../model/errors.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { parseJson } from "../model/lossless-json.ts";
import type { Plan } from "../model/plan.ts";
import { type Codified, type CodifyRequest, sharingOf } from "./codify.ts";
import { readCode } from "./codify-code.ts";
import { secretTexts } from "./codify-secrets.ts";
import { firstLine } from "./engine-words.ts";
import { createProofFiles } from "./prove-files.ts";
import { reasonOf, unopposed } from "./prove-objections.ts";
import { openProofCopy, type ProofCopy } from "./prove-scratch.ts";

export interface ImportRequest extends Omit<CodifyRequest, "findings"> {
  readonly wishes: readonly ImportWish[];
  /** New texts by path in the repository that lie over the code: an edit for drift that was proven before. */
  readonly edited: Readonly<Record<string, string>>;
}

const MOST_ROUNDS = 24;

/**
 * Live things to code, read aloud: let the engine write their blocks, clean these, and try them in a copy until a plan
 * imports each, changes none of them, and plans everything else as before.
 * @throws `config-invalid` for an address that cannot be taken over, `engine-failed` where the cloud has no such id.
 */
export const codifyImports = async (request: ImportRequest): Promise<Codified> => {
  const { workspace, wishes, parse, plan } = request;
  const read = await readCode({ ...workspace, ...workspace.call });
  const files = new Map([...read.files, ...Object.entries(request.edited)]);
  const root = openRoot({ ...read, files, parse, variables: plan.variables });
  const targets = importTargets(root, plan, wishes);
  const places = new Map(targets.map((target) => [target, importPlace(root, target)]));
  const fresh = targets.flatMap(({ address, at, standIn }) => [address, `${at.type}.${standIn}`]);
  const asPlanned = withoutIdleImports(parse, plan, fresh);
  const copy = await openProofCopy({ ...workspace, asPlanned }, request.scratch);
  try {
    await copy.write(new Map(Object.entries(request.edited)));
    request.progress("plan without the imports");
    const before = await copy.plan({ refresh: false });
    if ("problem" in before) throw failed(before.problem, targets);
    const drafts = await draftsOf(request, copy, before.plan, targets);
    const all = { request, copy, before: before.plan, files, places, drafts, plans: 3 };
    return await askOthers(request, await trial(all));
  } finally {
    await copy.dispose();
  }
};

/** An import must leave the plans of all other workspaces that read the same files as they are. */
const askOthers = async (request: ImportRequest, codified: Codified): Promise<Codified> => {
  const sharing = codified.proof === null ? undefined : sharingOf(request);
  if (!sharing) return codified;
  try {
    const answers = await sharing.ask(new Map(Object.entries(codified.files)));
    const against = answers.filter(({ disturbed }) => disturbed.length > 0);
    if (against.length > 0) {
      const reason = against
        .map(({ workspace, disturbed }) => reasonOf(workspace.label, disturbed))
        .join("; ");
      return withheld(
        request.wishes.map(({ address }) => address),
        codified.plans,
        reason,
      );
    }
    const shared = answers.map(unopposed);
    const whole = shared.every(({ result }) => result === "proven");
    return { ...codified, shared, result: whole ? codified.result : "partial" };
  } finally {
    await sharing.dispose();
  }
};

/** The engine's words, about what was asked for. */
const failed = (problem: string, targets: readonly ImportTarget[]): PlumblineError => {
  const words = targets.reduce(
    (text, { at, standIn, address }) => text.replaceAll(`${at.type}.${standIn}`, address),
    problem,
  );
  return new PlumblineError("engine-failed", `The import could not be planned.\n${words.trim()}`, {
    hint: "Check the id: it is what the provider's documentation gives for `terraform import`.",
  });
};

type Drafts = ReadonlyMap<ImportTarget, Draft>;

const draftsOf = async (
  request: ImportRequest,
  copy: ProofCopy,
  plan: Plan,
  targets: readonly ImportTarget[],
): Promise<Drafts> => {
  const { parse, progress } = request;
  progress("write the blocks");
  const generated = await copy.generate(standInImports(targets));
  const { file, byName } = generatedBlocks(parse, generated.text ?? "");
  if (targets.some(({ standIn }) => !byName.has(standIn))) throw failed(generated.problem, targets);
  progress("read schemas");
  const schemas = parseJson(await copy.schemas());
  const blocks = targets.map((target) => {
    const block = byName.get(target.standIn);
    const schema = schemaOf(schemas, target.at.type, [plan, generated.plan]);
    if (!block || !schema) throw failed(`There is no schema of ${target.at.type}.`, targets);
    return { target, block, schema };
  });
  progress("read defaults");
  const twin = await defaultsPlan(
    copy,
    blocks.map(({ target, block, schema }) => ({
      name: standInOf(target),
      text: twinText(target, file, block, schema),
    })),
  );
  const found = blocks.map(({ target, block, schema }) => {
    const defaults = plannedAt(twin, target);
    const facts = draftFacts({ parse, target, file, block, schema, plan, defaults });
    const live = generated.plan?.changes.find(({ address }) => address === standInOf(target))?.before;
    return { target, facts, live: isJsonObject(live) ? live : null };
  });
  const secrets = await secretTexts(
    request,
    found.flatMap(({ facts, live }) => [...generatedValues(facts), live]),
  );
  return new Map(
    found.map(({ target, facts, live }) => {
      const draft = createDraft({ ...facts, secrets });
      if (live !== null) draft.learn(live, secrets);
      return [target, draft];
    }),
  );
};

/** What the providers plan for new resources that say only what they must; those that they refuse so are left out. */
const defaultsPlan = async (
  copy: ProofCopy,
  twins: readonly { readonly name: string; readonly text: string }[],
): Promise<Plan | null> => {
  if (twins.length === 0) return null;
  const { plan, problem } = await copy.generate(twins.map(({ text }) => text).join("\n"));
  if (plan) return plan;
  const left = twins.filter(({ name }) => !problem.includes(`${name},`));
  return left.length < twins.length ? defaultsPlan(copy, left) : null;
};

const standInOf = ({ at, standIn }: ImportTarget): string => `${at.type}.${standIn}`;

const plannedAt = (plan: Plan | null, target: ImportTarget): Json =>
  plan?.changes.find(({ address }) => address === standInOf(target))?.after ?? null;

interface Trial {
  readonly request: ImportRequest;
  readonly copy: ProofCopy;
  readonly before: Plan;
  readonly files: ReadonlyMap<string, string>;
  readonly places: ReadonlyMap<ImportTarget, ImportPlace>;
  readonly drafts: Drafts;
  readonly plans: number;
}

type Texts = ReadonlyMap<string, string>;

const trial = async ({ plans: made, ...all }: Trial): Promise<Codified> => {
  const { request, copy, drafts } = all;
  const proofFiles = createProofFiles(copy, request.reads);
  let plans = made;
  let reason = "no proof was found in time";
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const { files, broken } = await proofFiles.write(textsOf(all));
    if (broken.length > 0) return refused(all, plans, "a second parser does not read the edited file");
    plans += 1;
    request.progress(`plan ${plans}`);
    const planned = await copy.plan({ refresh: false });
    const next = "plan" in planned ? await judged(all, planned.plan) : mended(all, files, planned.problem);
    if (next === "again") continue;
    if (next !== "proven") {
      reason = next.reason;
      break;
    }
    request.progress("plan with refresh");
    const last = await copy.plan({ refresh: true });
    plans += 1;
    if ("plan" in last && (await judged(all, last.plan)) === "proven")
      return proven(all, files, last.plan, plans);
    if ("problem" in last) return refused(all, plans, firstLine(last.problem));
  }
  return refused({ ...all, drafts }, plans, reason);
};

const textsOf = ({ places, drafts, files }: Omit<Trial, "plans">): Texts => {
  const edits = [...drafts].flatMap(([target, draft]) => {
    const place = places.get(target);
    return place ? importEdits(target, place, draft.lines()) : [];
  });
  const texts = applyEdits(edits) ?? new Map<string, string>();
  return new Map([...texts].map(([path, text]) => [path, text || (files.get(path) ?? "")]));
};

type Next = "again" | "proven" | { readonly reason: string };

const judged = async ({ request, before, drafts }: Omit<Trial, "plans">, plan: Plan): Promise<Next> => {
  let again = false;
  for (const [target, { live, changes, problem }] of judgeImports(before, plan, [...drafts.keys()])) {
    const draft = drafts.get(target);
    if (problem !== null || !draft) return { reason: problem ?? "" };
    draft.learn(live, await secretTexts(request, [live]));
    const tried = changes.map((one) => ({ ...one, came: draft.changed(one.name, one.live, one.planned) }));
    if (tried.some(({ came }) => came === "tried")) again = true;
    else {
      const stuck = tried.filter(({ came }) => came === "stuck").map(({ name }) => name);
      if (stuck.length > 0) return { reason: `the plan would still change ${stuck.join(", ")}` };
    }
  }
  return again ? "again" : "proven";
};

/** The engine refuses the edited code: what it names is left out, or said in another way. */
const mended = ({ request, places, drafts }: Omit<Trial, "plans">, files: Texts, problem: string): Next => {
  let again = false;
  for (const [target, draft] of drafts) {
    const path = places.get(target)?.resource.path ?? "";
    for (const named of namedByErrors(request.parse, problem, { path, text: files.get(path) ?? "" }, target))
      again = draft.invalid(named) || again;
  }
  return again ? "again" : { reason: `the edited code does not plan: ${firstLine(problem)}` };
};

const proven = (
  { files: was, places, drafts }: Omit<Trial, "plans">,
  files: Texts,
  plan: Plan,
  plans: number,
): Codified => {
  const left = [...drafts.values()].flatMap((draft) => draft.refused);
  const imported = new Set([...drafts.keys()].map(({ address }) => `${address}: import`));
  return {
    result: left.length === 0 ? "proven" : "partial",
    files: Object.fromEntries(files),
    before: Object.fromEntries([...files.keys()].map((path) => [path, was.get(path) ?? ""])),
    edits: [...places].flatMap(([{ address }, { resource, imports }]) =>
      [...new Set([imports.path, resource.path])].map((file) => ({ file, address, path: "" })),
    ),
    formalized: [],
    refused: left,
    proof: plan,
    remaining: remaining(plan).filter((line) => !imported.has(line)),
    plans,
    shared: [],
  };
};

const refused = ({ drafts }: Pick<Trial, "drafts">, plans: number, reason: string): Codified => {
  const left = [...drafts.values()].flatMap((draft) => draft.refused);
  const none = withheld(
    [...drafts.keys()].map(({ address }) => address),
    plans,
    reason,
  );
  return { ...none, refused: [...none.refused, ...left] };
};

const withheld = (addresses: readonly string[], plans: number, reason: string): Codified => ({
  result: "refused",
  files: {},
  before: {},
  edits: [],
  formalized: [],
  refused: addresses.map((address) => ({ address, path: "", reason })),
  proof: null,
  remaining: [],
  plans,
  shared: [],
});

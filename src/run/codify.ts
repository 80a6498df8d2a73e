import { codify } from "../codify/codify.ts";
import type { CodeFacts } from "../codify/configuration.ts";
import type { Change, DriftedResource, RefusedPlace } from "../codify/facts.ts";
import { withoutIdleImports } from "../codify/import-blocks.ts";
import { resourceStates } from "../drift/states.ts";
import type { ParseHcl } from "../hcl/syntax.ts";
import { type Finding, isByHand } from "../model/finding.ts";
import type { Json } from "../model/json.ts";
import { parseJson } from "../model/lossless-json.ts";
import type { Plan } from "../model/plan.ts";
import type { SharedProof } from "../model/shared-proof.ts";
import { readCode } from "./codify-code.ts";
import { type SecretScanning, scanned } from "./codify-secrets.ts";
import { prove } from "./prove.ts";
import { openSharing, type Sharing, type SharingWorkspace } from "./prove-elsewhere.ts";
import { openProofCopy, type ProvedWorkspace } from "./prove-scratch.ts";

export interface CodifyRequest extends SecretScanning {
  readonly workspace: ProvedWorkspace;
  readonly plan: Plan;
  /** As `findDrift` tells them; causes that code cannot answer are passed over. */
  readonly findings: readonly Pick<Finding, "address" | "path" | "cause">[];
  readonly parse: ParseHcl;
  /** Whether an independent parser reads a text. */
  readonly reads: (text: string) => boolean;
  /** A private folder outside of every checkout, for the copy. */
  readonly scratch: string;
  readonly progress: (line: string) => void;
  /** Other workspaces of the repository: those that read an edited file are proven as well. */
  readonly others?: readonly SharingWorkspace[];
  /** Why not all of them are known: then nothing is taken for proven everywhere. */
  readonly othersUnknown?: string | null;
  /** How many of them are planned at most; 20 where left out. */
  readonly mostOthers?: number;
  /** Hears of each plan of another workspace before its values may be told. */
  readonly onPlan?: (plan: Plan) => void;
}

export interface Place {
  readonly address: string;
  readonly path: string;
}

export interface Codified {
  readonly result: "proven" | "partial" | "refused" | "clean";
  /** New texts by path in the repository, and the texts before. */
  readonly files: Readonly<Record<string, string>>;
  readonly before: Readonly<Record<string, string>>;
  readonly edits: readonly (Place & { readonly file: string })[];
  /** Findings that the files settle. */
  readonly formalized: readonly Place[];
  readonly refused: readonly RefusedPlace[];
  /** The refreshed plan of the edited code that was accepted as proof; null without one. */
  readonly proof: Plan | null;
  /** What that plan would still do. */
  readonly remaining: readonly string[];
  /** How many plans of the copy it took. */
  readonly plans: number;
  /** What the edit comes to in each other workspace that reads an edited file. */
  readonly shared: readonly SharedProof[];
}

/** Drift to code, read aloud: take what code can answer, propose, prove in a copy, tell. @throws `engine-failed`. */
export const codifyWorkspace = async (request: CodifyRequest): Promise<Codified> => {
  const drifted = driftedResources(request);
  if (drifted.length === 0) return CLEAN;
  const resources = await scanned(request, drifted);
  const { workspace } = request;
  const texts = await readCode({ ...workspace, ...workspace.call });
  const asPlanned = withoutIdleImports(request.parse, request.plan);
  const copy = await openProofCopy({ ...workspace, asPlanned }, request.scratch);
  const sharing = sharingOf(request);
  try {
    request.progress("read schemas");
    const { parse } = request;
    const code: CodeFacts = {
      ...texts,
      parse,
      variables: request.plan.variables,
      ...(request.others?.length ? { ownVarFiles: ownAmong(texts.given, request) } : {}),
    };
    const proposal = codify({ code, resources, schemas: parseJson(await copy.schemas()) });
    const proven = await prove(copy, { ...request, ...proposal, original: request.plan, sharing });
    const before = Object.fromEntries(
      [...proven.files.keys()].map((path) => [path, texts.files.get(path) ?? ""]),
    );
    const refused = [...proposal.refused, ...proven.refused];
    return {
      result: resultOf(proven.edits.size, refused.length, proven.shared),
      files: Object.fromEntries(proven.files),
      before,
      edits: [...proven.edits].flatMap(([{ address, path }, own]) =>
        [...new Set(own.map(({ file }) => file.path))].map((file) => ({ file, address, path })),
      ),
      formalized: [...proven.edits.keys()].flatMap((change) => settled(change, refused)),
      refused,
      proof: proven.plan,
      remaining: proven.remaining,
      plans: proven.plans,
      shared: proven.shared,
    };
  } finally {
    await copy.dispose();
    await sharing?.dispose();
  }
};

const CLEAN: Codified = {
  result: "clean",
  files: {},
  before: {},
  edits: [],
  formalized: [],
  refused: [],
  proof: null,
  remaining: [],
  plans: 0,
  shared: [],
};

/** Variable files that no other workspace reads. */
const ownAmong = (given: readonly string[], { others = [] }: CodifyRequest): readonly string[] =>
  given.filter((path) => !others.some(({ reads }) => reads(path)));

/** How other workspaces are asked what an edit does to them; undefined where there are none. The caller disposes it. */
export const sharingOf = ({
  others = [],
  othersUnknown: unknown = null,
  mostOthers: most = MOST_OTHERS,
  scratch,
  workspace,
  progress,
  onPlan,
  parse,
  scanner,
  onSecret,
}: Omit<CodifyRequest, "findings">): Sharing | undefined =>
  others.length > 0 || unknown !== null
    ? openSharing({
        workspaces: others,
        unknown,
        most,
        repoRoot: workspace.repoRoot,
        parent: scratch,
        parse,
        scanner,
        ...(onSecret ? { onSecret } : {}),
        onPlan: onPlan ?? (() => {}),
        progress,
      })
    : undefined;

const MOST_OTHERS = 20;

const resultOf = (made: number, refused: number, shared: readonly SharedProof[]): Codified["result"] => {
  if (made === 0) return refused === 0 ? "clean" : "refused";
  return refused === 0 && shared.every(({ result }) => result === "proven") ? "proven" : "partial";
};

const settled = ({ address, settles }: Change, refused: readonly RefusedPlace[]): readonly Place[] =>
  settles
    .filter((path) => !refused.some((one) => one.address === address && one.path === path))
    .map((path) => ({ address, path }));

/** Resources with findings that code can answer, each with its three states. */
const driftedResources = ({ plan, findings }: CodifyRequest): readonly DriftedResource[] => {
  const byAddress = Map.groupBy(findings.filter(isByHand), ({ address }) => address);
  return resourceStates(plan).flatMap((states): DriftedResource[] => {
    const own = byAddress.get(states.address);
    const entry = states.change ?? states.drift;
    if (!own || !entry) return [];
    const marks = [states.change, states.drift].flatMap((one): Json[] =>
      one ? [one.beforeSensitive, one.afterSensitive] : [],
    );
    return [
      {
        address: states.address,
        provider: entry.provider,
        type: states.type,
        recorded: states.recorded,
        actual: states.actual,
        desired: states.desired,
        unknown: states.change?.afterUnknown ?? null,
        sensitive: marks,
        movedFrom: states.change?.previousAddress ?? null,
        findings: own.map(({ path, cause }) => ({ path, cause })),
      },
    ];
  });
};

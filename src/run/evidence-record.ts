import { readEvidenceBundle } from "../config/evidence-read.ts";
import type { Evidence } from "../config/evidence-schema.ts";
import { PlumblineError } from "../model/errors.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { ArtifactRef, Artifacts } from "../ports/artifacts.ts";
import type { EvidenceCopy } from "../ports/evidence-copy.ts";
import type { AuditEntry, Ledger } from "../ports/ledger.ts";

/** What the hash-chained audit says of one apply, and where its evidence lies. */
export interface EvidenceRecord {
  readonly entry: AuditEntry;
  readonly ref: ArtifactRef;
  /** Every entry about the run, its start and the approvals of its plan among them. */
  readonly trail: readonly AuditEntry[];
}

/** The record of a run, or of a workspace's newest apply. Throws `workspace-unknown` where there is none. */
export const findRecord = async (ledger: Ledger, asked: string): Promise<EvidenceRecord> => {
  const run = await ledger.runs.get(asked);
  const subject = run?.workspace ?? asked;
  const trail = await ledger.audit.list({ subject });
  const ends = trail.filter((entry) => refIn(entry) !== null);
  const entry = run ? ends.find((one) => runOf(one) === run.id) : ends.at(-1);
  const ref = entry ? refIn(entry) : null;
  if (!entry || !ref)
    throw new PlumblineError("workspace-unknown", `There is no evidence of ${asked}.`, {
      hint: "Name the run of an apply, or a workspace's key: OWNER/REPO//DIR#NAME.",
    });
  const digest = detail(entry, "digest");
  const about = trail.filter(
    (one) => runOf(one) === runOf(entry) || (digest !== null && detail(one, "digest") === digest),
  );
  return { entry, ref, trail: about };
};

const detail = ({ details }: AuditEntry, name: string): string | null => {
  const value = isJsonObject(details) ? details[name] : null;
  return typeof value === "string" ? value : null;
};
const runOf = (entry: AuditEntry): string | null => detail(entry, "run");

const refIn = ({ details }: AuditEntry): ArtifactRef | null => {
  const held: Json | undefined = isJsonObject(details) ? details["evidence"] : undefined;
  if (!isJsonObject(held)) return null;
  const { key, sha256, bytes } = held;
  return typeof key === "string" && typeof sha256 === "string" && typeof bytes === "number"
    ? { key, sha256, bytes }
    : null;
};

/** The bundle, and its text as it was written; fails where its bytes are not those that the audit names, or where it is no bundle. */
export const readEvidence = async (
  artifacts: Artifacts,
  { ref }: EvidenceRecord,
): Promise<{ readonly evidence: Evidence; readonly text: string }> => {
  const text = new TextDecoder().decode(await artifacts.get(ref));
  const evidence = readEvidenceBundle(JSON.parse(text));
  if (evidence) return { evidence, text };
  throw new PlumblineError("artifact-corrupt", `${ref.key} is no evidence that this version can read.`);
};

/** Whatever keeps the record from proving something; empty where chain, bytes and bundle agree. */
export const recordProblems = async (
  ledger: Ledger,
  artifacts: Artifacts,
  record: EvidenceRecord,
): Promise<readonly string[]> => {
  const broken = await ledger.audit.verify();
  const problems = broken === null ? [] : [`The audit's chain is broken at entry ${broken}.`];
  const read = await readEvidence(artifacts, record).catch((failure: Error) => failure.message);
  if (typeof read === "string") return [...problems, read];
  const { evidence } = read;
  const { entry } = record;
  const said: readonly (readonly [string, string | null, string])[] = [
    ["run", runOf(entry), evidence.run],
    ["digest", detail(entry, "digest"), evidence.plan.digest],
    ["commit", detail(entry, "commit"), evidence.commits.applied],
    ["workspace", entry.subject, evidence.workspace],
  ];
  const differing = said.filter(([, audit, bundle]) => audit !== bundle);
  return [
    ...problems,
    ...differing.map(
      ([name, audit, bundle]) => `The audit says ${name} ${audit ?? "nothing"}, the bundle ${bundle}.`,
    ),
  ];
};

/** Of a run, or of a workspace's newest apply. Throws as `findRecord` and `readEvidence` do. */
export const exportedEvidence = async (
  { ledger, artifacts }: { readonly ledger: Ledger; readonly artifacts: Artifacts },
  asked: string,
): Promise<EvidenceCopy<Evidence>> => {
  const record = await findRecord(ledger, asked);
  const problems = await recordProblems(ledger, artifacts, record);
  const { evidence, text } = await readEvidence(artifacts, record);
  return { evidence, text, sha256: record.ref.sha256, audit: record.trail, problems };
};

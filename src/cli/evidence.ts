import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Evidence } from "../config/evidence-schema.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";
import { findRecord, readEvidence, recordProblems } from "./evidence-record.ts";
import { recordsPlace, withRecords } from "./open-records.ts";

/** `plumbline evidence show RUN|WORKSPACE`: who, what, when, by which identity, before and after, and the way back. */
export const showEvidence = async (call: Call): Promise<number> => {
  const { evidence } = await withRecords(await recordsPlace(call), async ({ ledger, artifacts }) =>
    readEvidence(artifacts, await findRecord(ledger, call.args[0] ?? "")),
  );
  if (call.json) printJson(call, evidence);
  else
    call.out(
      answers(evidence)
        .map((line) => `${printable(line)}\n`)
        .join(""),
    );
  return EXIT.done;
};

/** `plumbline evidence verify RUN|WORKSPACE`: chain, bytes and bundle; 2 where they do not agree. */
export const verifyEvidence = async (call: Call): Promise<number> => {
  const told = await withRecords(await recordsPlace(call), async ({ ledger, artifacts }) => {
    const record = await findRecord(ledger, call.args[0] ?? "");
    const problems = await recordProblems(ledger, artifacts, record);
    const { key, sha256 } = record.ref;
    return {
      ok: problems.length === 0,
      problems,
      key,
      sha256,
      sequence: record.entry.sequence,
      hash: record.entry.hash,
    };
  });
  if (call.json) printJson(call, told);
  else if (told.ok)
    call.out(`${told.key}: in order (sha256 ${told.sha256}, audit entry ${told.sequence}).\n`);
  else call.out(told.problems.map((problem) => `${printable(problem)}\n`).join(""));
  return told.ok ? EXIT.done : EXIT.somethingToSay;
};

/** `plumbline evidence export RUN|WORKSPACE [--out FILE]`: the bundle with the entries of the audit that speak of it; `sha256` is that of `text`. */
export const exportEvidence = async (call: Call): Promise<number> => {
  const exported = await withRecords(await recordsPlace(call), async ({ ledger, artifacts }) => {
    const record = await findRecord(ledger, call.args[0] ?? "");
    const problems = await recordProblems(ledger, artifacts, record);
    const { evidence, text } = await readEvidence(artifacts, record);
    return { evidence, text, sha256: record.ref.sha256, audit: record.trail, problems };
  });
  const file = textOption(call, "out");
  const text = `${JSON.stringify(exported, null, 2)}\n`;
  if (file === undefined) call.out(text);
  else {
    await writeFile(resolve(call.cwd, file), text, { mode: 0o600 });
    if (call.json) printJson(call, { file, problems: exported.problems });
    else call.out(`${file}: written.\n`);
  }
  return exported.problems.length === 0 ? EXIT.done : EXIT.somethingToSay;
};

const answers = (evidence: Evidence): readonly string[] => {
  const { class: level, times, executor, verification, recovery, commits, plan } = evidence;
  return [
    `${evidence.changeId}: ${evidence.workspace}, ${evidence.outcome}`,
    "",
    "Who approved",
    ...orNone(evidence.approvals.map(approvalLine)),
    "What changed",
    `  class ${level.counted} (found ${level.found}, claimed ${level.claimed ?? "nothing"}), plan ${plan.digest}, commit ${commits.applied}`,
    ...orNone(evidence.changes.map(({ action, address, class: one }) => `${one} ${action} ${address}`)),
    "When",
    `  asked ${times.asked}, started ${times.started ?? "never"}, ended ${times.ended}`,
    "By which identity",
    `  asked by ${executor.requestedBy}, done by ${executor.identity} (instance ${executor.instance}, Plumbline ${executor.plumbline}, ${executor.engine})`,
    "Before and after",
    `  state ${stateText(evidence.stateBefore)} -> ${stateText(evidence.stateAfter)}`,
    "What the verification proved",
    `  ${verification.clean ? "a second plan is empty" : verification.planned ? "a second plan is not empty:" : "no second plan could be made"}`,
    ...verification.remaining.map((left) => `  ${left}`),
    "Which way back there was",
    `  ${recovery.path}`,
    ...(recovery.rollbackBoundary === null
      ? []
      : [`  boundary: ${recovery.rollbackBoundary}${recovery.crossed ? " (crossed)" : ""}`]),
    ...backupLines(evidence),
  ];
};

const orNone = (lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? ["  nobody, nothing"] : lines.map((line) => `  ${line}`);

const approvalLine = (said: Evidence["approvals"][number]): string => {
  const { by, kind, how, at, counted, why, roles, reason } = said;
  const as = roles.length > 0 ? ` as ${roles.join(", ")}` : "";
  const because = reason === null ? "" : `: ${reason}`;
  return `${by}: ${kind} by ${how} at ${at}${as}${because}${counted ? "" : `, did not count: ${why ?? "voided"}`}`;
};

const stateText = (state: Evidence["stateBefore"]): string =>
  state === null
    ? "unknown"
    : `${state.serial} of ${state.lineage}${state.schemaVersion === null ? "" : `, schema ${state.schemaVersion}`}`;

const backupLines = ({ backup }: Evidence): readonly string[] =>
  backup === null
    ? []
    : [
        `  backup ${backup.id ?? "?"} of ${backup.takenAt ?? "?"}, restored ${backup.restoreTest.at ?? "never"}; RTO ${backup.rto ?? "?"}, RPO ${backup.rpo ?? "?"}, by ${backup.owner ?? "?"}`,
      ];

import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { exportedEvidence, findRecord, readEvidence, recordProblems } from "../run/evidence-record.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";
import { evidenceAnswers } from "./evidence-answers.ts";
import { recordsPlace, withRecords } from "./open-records.ts";

/** `plumbline evidence show RUN|WORKSPACE`: who, what, when, by which identity, before and after, and the way back. */
export const showEvidence = async (call: Call): Promise<number> => {
  const { evidence } = await withRecords(await recordsPlace(call), async ({ ledger, artifacts }) =>
    readEvidence(artifacts, await findRecord(ledger, call.args[0] ?? "")),
  );
  if (call.json) printJson(call, evidence);
  else
    call.out(
      evidenceAnswers(evidence)
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
  const exported = await withRecords(await recordsPlace(call), (records) =>
    exportedEvidence(records, call.args[0] ?? ""),
  );
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

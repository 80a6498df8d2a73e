import type { PolicyAudit } from "../model/policy-audit.ts";
import { lastAudits, notAudited } from "../run/policy-issue.ts";
import { type Call, EXIT, printable, printJson } from "./command.ts";
import { recordsPlace, withRecords } from "./open-records.ts";

/** `plumbline policy audit [REPO]`: what policies said of each workspace as it was at the last look; 2 where one denies. */
export const policyAudit = async (call: Call): Promise<number> => {
  const [repo] = call.args;
  const { audits, left } = await withRecords(await recordsPlace(call), async ({ ledger }) => ({
    audits: await lastAudits(ledger, repo),
    left: await notAudited(ledger, repo),
  }));
  if (call.json) printJson(call, { workspaces: audits.map(told), notAudited: left });
  else {
    if (audits.length === 0) call.out("No workspace was audited yet.\n");
    call.out(audits.flatMap(lines).join(""));
    call.out(
      left.map(({ workspace, why }) => `${printable(`${workspace}: not audited: ${why}`)}\n`).join(""),
    );
  }
  const denied = audits.some(({ verdict }) => verdict.denied.length > 0);
  return denied ? EXIT.somethingToSay : EXIT.done;
};

const told = ({ verdict, at, deniedSince, ...rest }: PolicyAudit) => ({
  ...rest,
  at: at.toISOString(),
  deniedSince: deniedSince?.toISOString() ?? null,
  ...verdict,
});

const lines = ({ workspace, at, verdict, recordedOnly }: PolicyAudit): readonly string[] => {
  const { denied, warned, dryRun, excepted } = verdict;
  const counts = `${denied.length} denied, ${warned.length} warned, ${dryRun.length} on trial, ${excepted.length} excepted`;
  return [
    `${workspace}: ${counts} (${at.toISOString()}${recordedOnly ? ", as recorded: drift is not looked for here" : ""})`,
    ...denied.map(({ set, policy, message }) => `  denied by ${set}, ${policy}: ${message}`),
    ...warned.map(({ set, policy, message }) => `  warning of ${set}, ${policy}: ${message}`),
  ].map((line) => `${printable(line)}\n`);
};

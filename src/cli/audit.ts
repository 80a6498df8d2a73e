import type { AuditEntry } from "../ports/ledger.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";
import { recordsPlace, withRecords } from "./open-records.ts";

/** `plumbline audit verify`: walks the chain of hashes from its first entry; 2 where an entry does not fit. */
export const auditVerify = async (call: Call): Promise<number> =>
  withRecords(await recordsPlace(call), async ({ ledger }) => {
    const broken = await ledger.audit.verify();
    const entries = (await ledger.audit.list({})).length;
    if (call.json) printJson(call, { ok: broken === null, entries, brokenAt: broken });
    else if (broken === null) call.out(`All ${entries} entries fit together.\n`);
    else
      call.out(
        `The trail is broken at entry ${broken}: it, or one before it, was changed, removed or put in. Compare with a backup.\n`,
      );
    return broken === null ? EXIT.done : EXIT.somethingToSay;
  });

/** `plumbline audit list [--subject S] [--after N]`: the entries in their order. */
export const auditList = async (call: Call): Promise<number> => {
  const subject = textOption(call, "subject");
  const after = Number(textOption(call, "after") ?? 0);
  const entries = await withRecords(await recordsPlace(call), ({ ledger }) =>
    ledger.audit.list({ ...(subject === undefined ? {} : { subject }), after }),
  );
  if (call.json) printJson(call, { entries });
  else call.out(entries.map(line).join(""));
  return EXIT.done;
};

const line = ({ sequence, at, actor, action, subject }: AuditEntry): string =>
  `${printable(`${sequence}  ${at.toISOString()}  ${action}  ${subject}  by ${actor}`)}\n`;

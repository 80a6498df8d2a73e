import { systemClock } from "../adapters/clock.ts";
import { PlumblineError } from "../model/errors.ts";
import { confirmDead } from "../run/confirm-dead.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";
import { recordsPlace, withRecords } from "./open-records.ts";

/**
 * `plumbline runs confirm-dead RUN --reason TEXT`: the replica that ran this apply will never come back, so that another
 * one looks at what it did. It is recorded who said so, and why.
 */
export const runsConfirmDead = async (call: Call): Promise<number> => {
  const run = call.args[0] ?? "";
  const reason = textOption(call, "reason");
  if (reason === undefined || reason.trim() === "")
    throw new PlumblineError("wrong-arguments", "Say why you know it: --reason TEXT.");
  const by = textOption(call, "by") ?? call.env["USER"] ?? "the command line";
  const replica = await withRecords(await recordsPlace(call), ({ ledger }) =>
    confirmDead(ledger, { run, by, reason, at: systemClock.now() }),
  );
  if (call.json) printJson(call, { run, replica, confirmedDead: true });
  else
    call.out(
      `${printable(`The replica ${replica} counts as dead: another one reads the state and plans, and says what ${run} did.`)}\n`,
    );
  return EXIT.done;
};

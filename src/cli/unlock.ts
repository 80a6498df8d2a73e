import { PlumblineError } from "../model/errors.ts";
import type { PullRef } from "../model/pull.ts";
import { unlockPull } from "../run/unlock.ts";
import { pullOf } from "../web/api/operations.ts";
import { send, serverOf } from "./ask.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";
import { recordsPlace, withRecords } from "./open-records.ts";

/** `plumbline unlock OWNER/REPO#N --reason TEXT`: an operator's force, through the service or in its records. */
export const unlock = async (call: Call): Promise<number> => {
  const id = call.args[0] ?? "";
  const pull = pullOf(id);
  if (!pull) throw new PlumblineError("wrong-arguments", "A pull request is OWNER/REPO#NUMBER.");
  const reason = textOption(call, "reason")?.trim();
  if (!reason) throw new PlumblineError("wrong-arguments", "Say why: --reason TEXT.");
  const server = serverOf(call);
  if (server === null) return tell(call, id, await inRecords(call, pull, reason));
  const path = `/pulls/${encodeURIComponent(id)}/unlock`;
  const { answer } = (await send(call, server, "POST", path, { reason })) as { readonly answer: string };
  if (call.json) printJson(call, { pull: id, answer });
  else call.out(`${printable(answer)}\n`);
  return EXIT.done;
};

const inRecords = async (call: Call, pull: PullRef, reason: string): Promise<readonly string[]> => {
  const by = textOption(call, "by") ?? call.env["USER"] ?? "the command line";
  const at = new Date();
  return withRecords(await recordsPlace(call), ({ ledger }) =>
    ledger.transaction(async (inside) => {
      const { workspaces, followUps } = await unlockPull(inside, { pull, by, at, reason });
      await inside.outbox.add(followUps, at);
      return workspaces;
    }),
  );
};

const tell = (call: Call, id: string, workspaces: readonly string[]): number => {
  if (call.json) printJson(call, { pull: id, workspaces });
  else
    call.out(
      workspaces.length === 0
        ? `${printable(id)} holds no lock and waits for none.\n`
        : workspaces.map((key) => `${printable(`released ${key}`)}\n`).join(""),
    );
  return EXIT.done;
};

import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { PlumblineError } from "../model/errors.ts";
import type { FreezeSwitch } from "../model/governance.ts";
import type { Json } from "../model/json.ts";
import { parseWorkspaceKey } from "../model/workspace.ts";
import { freezeFile, readSwitches, writeSwitches } from "../run/freeze-switch.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";
import { type RecordsPlace, recordsPlace, withRecords } from "./open-records.ts";

/**
 * `plumbline freeze [on|off|status] [--workspace KEY] [--reason TEXT]`: throws the switch that stops every apply, or
 * one workspace's. It reaches a running service: by the database where that is a server, else by a file beside it.
 */
export const freeze = async (call: Call): Promise<number> => {
  const action = call.args[0] ?? "status";
  if (!["on", "off", "status"].includes(action))
    throw new PlumblineError(
      "wrong-arguments",
      `freeze takes on, off or status, not ${JSON.stringify(action)}.`,
    );
  const place = await recordsPlace(call);
  const target = targetOf(call);
  const before = await readAll(place);
  const after = action === "status" ? before : before.filter((one) => one.target !== target);
  if (action === "on") after.push(thrown(call, target));
  if (action !== "status") await writeAll(place, after);
  if (call.json) printJson(call, { frozen: writeSwitches(after) });
  else call.out(after.length === 0 ? "Nothing is frozen.\n" : after.map(line).join(""));
  return EXIT.done;
};

const targetOf = (call: Call): string => {
  const key = textOption(call, "workspace");
  if (key === undefined) return "*";
  if (parseWorkspaceKey(key)) return key;
  throw new PlumblineError(
    "wrong-arguments",
    `${key} is no workspace's key such as acme/infra//prod/db#default.`,
  );
};

const thrown = (call: Call, target: string): FreezeSwitch => {
  const reason = textOption(call, "reason");
  if (reason === undefined || reason.trim() === "")
    throw new PlumblineError("wrong-arguments", "Say why: --reason TEXT.");
  const by = textOption(call, "by") ?? call.env["USER"] ?? "the command line";
  return { target, by, reason, since: new Date() };
};

const line = ({ target, by, reason, since }: FreezeSwitch): string =>
  `${printable(`${target === "*" ? "everything" : target} is frozen since ${since.toISOString()}, by ${by}: ${reason}`)}\n`;

const readAll = async (place: RecordsPlace): Promise<FreezeSwitch[]> => {
  if (place.databaseUrl !== null)
    return withRecords(place, async ({ ledger }) => [
      ...readSwitches((await ledger.meta.get("freeze")) ?? []),
    ]);
  const text = await readFile(freezeFile(place.dataDir), "utf8").catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === "ENOENT") return "[]";
    throw failure;
  });
  try {
    return [...readSwitches(JSON.parse(text) as Json)];
  } catch (cause) {
    throw new PlumblineError(
      "config-invalid",
      `${freezeFile(place.dataDir)} cannot be read: everything is frozen.`,
      {
        cause,
        hint: "Mend the file, or remove it to lift every freeze.",
      },
    );
  }
};

const writeAll = async (place: RecordsPlace, switches: readonly FreezeSwitch[]): Promise<void> => {
  if (place.databaseUrl !== null) {
    await withRecords(place, ({ ledger }) => ledger.meta.set("freeze", writeSwitches(switches)));
    return;
  }
  const path = freezeFile(place.dataDir);
  if (switches.length === 0) return rm(path, { force: true });
  // Written beside and moved, so that the service never reads half of it.
  await writeFile(`${path}.new`, JSON.stringify(writeSwitches(switches)), { mode: 0o600 });
  await rename(`${path}.new`, path);
};

import { appendFile, readFile, rename, rm, writeFile } from "node:fs/promises";
import { PlumblineError } from "../model/errors.ts";
import type { FreezeSwitch } from "../model/governance.ts";
import type { Json } from "../model/json.ts";
import { editDistance } from "../model/similar.ts";
import { parseWorkspaceKey } from "../model/workspace.ts";
import {
  freezeFile,
  freezeJournal,
  journalLine,
  keepSwitch,
  readSwitches,
  workspacesFile,
  writeSwitches,
} from "../run/freeze-switch.ts";
import { serverOf } from "./ask.ts";
import { type Cell, columns } from "./columns.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";
import { freezeRemotely } from "./freeze-remotely.ts";
import { type RecordsPlace, recordsPlace, withRecords } from "./open-records.ts";

/**
 * `plumbline freeze [on|off|status] [--workspace KEY] [--reason TEXT]`: throws the switch that stops every apply, or
 * one workspace's. It reaches a running service: by its API with `--server`, else by the database where that is a
 * server, else by a file beside it.
 */
export const freeze = async (call: Call): Promise<number> => {
  const action = call.args[0] ?? "status";
  if (!["on", "off", "status"].includes(action))
    throw new PlumblineError(
      "wrong-arguments",
      `freeze takes on, off or status, not ${JSON.stringify(action)}.`,
    );
  const target = targetOf(call);
  const wish = action === "status" ? null : { target, thrown: action === "on" ? thrown(call, target) : null };
  const server = serverOf(call);
  const after = await (server === null ? freezeHere(call, wish) : freezeRemotely(call, server, wish));
  if (call.json) printJson(call, { frozen: writeSwitches(after) });
  else if (after.length === 0) call.out("Nothing is frozen.\n");
  else call.out(columns(call, ["FROZEN", "SINCE", "BY", "WHY"], after.map(row)));
  return EXIT.done;
};

const freezeHere = async (call: Call, wish: Wish | null): Promise<readonly FreezeSwitch[]> => {
  const place = await recordsPlace(call);
  const before = await readAll(place);
  if (wish === null) return before;
  if (wish.thrown !== null) await mustBeKnown(call, place, wish.target);
  return write(call, place, before, wish);
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
  return { target, by: whoOf(call), reason, since: new Date() };
};

const whoOf = (call: Call): string => textOption(call, "by") ?? call.env["USER"] ?? "the command line";

/** A switch of a name that nobody has would stop nothing, and look as if it did. */
const mustBeKnown = async (call: Call, place: RecordsPlace, target: string): Promise<void> => {
  if (target === "*") return;
  const known = await knownKeys(place);
  if (known === null) call.err(`Whether there is a workspace ${printable(target)} could not be checked.\n`);
  else if (!known.includes(target))
    throw new PlumblineError(
      "wrong-arguments",
      `There is no workspace ${target}.${similarTo(target, known)}`,
    );
};

/** Null where the service has not written them down yet. */
const knownKeys = async (place: RecordsPlace): Promise<readonly string[] | null> => {
  if (place.databaseUrl !== null)
    return withRecords(place, async ({ ledger }) =>
      (await ledger.workspaces.list({ removed: false })).map(({ key }) => key),
    );
  const text = await readFile(workspacesFile(place.dataDir), "utf8").catch(() => null);
  return text === null ? null : (JSON.parse(text) as readonly string[]);
};

const MOST_NAMES = 5;

/** Misspelt, or the right folder of another repository or name. */
const similarTo = (target: string, known: readonly string[]): string => {
  const [, place = ""] = target.split("//");
  const ranked = known
    .map((key) => ({ key, distance: editDistance(target.toLowerCase(), key.toLowerCase()) }))
    .filter(({ key, distance }) => distance <= 3 || (place !== "" && key.includes(place.split("#")[0] ?? "")))
    .toSorted((left, right) => left.distance - right.distance)
    .slice(0, MOST_NAMES)
    .map(({ key }) => key);
  return ranked.length === 0 ? "" : ` Did you mean ${ranked.join(" or ")}?`;
};

const row = ({ target, by, reason, since }: FreezeSwitch): readonly Cell[] => [
  { text: target === "*" ? "everything" : target, paint: "red" },
  { text: since.toISOString() },
  { text: by },
  { text: reason },
];

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

interface Wish {
  readonly target: string;
  readonly thrown: FreezeSwitch | null;
}

/** The switches after it; who threw or lifted what enters the audit, of a running service within a minute. */
const write = async (
  call: Call,
  place: RecordsPlace,
  before: readonly FreezeSwitch[],
  { target, thrown: wish }: Wish,
): Promise<readonly FreezeSwitch[]> => {
  const at = new Date();
  const by = whoOf(call);
  if (place.databaseUrl !== null)
    return withRecords(place, ({ ledger }) => keepSwitch(ledger, target, wish, { by, at }));
  const after = [...before.filter((one) => one.target !== target), ...(wish ? [wish] : [])];
  const lifted = before.find((one) => one.target === target);
  if (wish) await journal(place, journalLine("frozen", wish));
  else if (lifted) await journal(place, journalLine("freeze-lifted", { ...lifted, by, since: at }));
  await writeFileOf(place, after);
  return after;
};

const journal = ({ dataDir }: RecordsPlace, line: string): Promise<void> =>
  appendFile(freezeJournal(dataDir), line, { mode: 0o600 });

const writeFileOf = async (place: RecordsPlace, switches: readonly FreezeSwitch[]): Promise<void> => {
  const path = freezeFile(place.dataDir);
  if (switches.length === 0) return rm(path, { force: true });
  // Written beside and moved, so that the service never reads half of it.
  await writeFile(`${path}.new`, JSON.stringify(writeSwitches(switches)), { mode: 0o600 });
  await rename(`${path}.new`, path);
};

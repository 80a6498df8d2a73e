import type { FreezeSwitch } from "../model/governance.ts";
import { canonicalJson, isJsonObject, type Json } from "../model/json.ts";
import type { World } from "./world.ts";

const KEY = "freeze";
const NOTED = "freeze-noted";
const JOURNAL = "freeze-journal";

/**
 * The switches that stand now: in the ledger, and in the file by which `plumbline freeze` reaches a service whose
 * embedded database it cannot open. Null where either cannot be read, which counts as thrown.
 */
export const freezeSwitches = async (
  world: Pick<World, "ledger" | "files" | "server" | "log" | "clock">,
): Promise<readonly FreezeSwitch[] | null> => {
  try {
    const file = await world.files.read(freezeFile(world.server.dataDir));
    const written = file === null ? [] : readSwitches(JSON.parse(new TextDecoder().decode(file)) as Json);
    const kept = await world.ledger.meta.get(KEY);
    const switches = [...written, ...(kept === undefined ? [] : readSwitches(kept))];
    await noteChanges(world, switches);
    return switches;
  } catch (error) {
    world.log.warn("the freeze switch could not be read, and counts as thrown", { error });
    return null;
  }
};

/**
 * Throws or lifts the switch of one target (`*`: everything) where `plumbline freeze` of this service keeps it. Returns
 * the switches that stand after it.
 */
export const setSwitch = async (
  { ledger, files, server, clock }: Pick<World, "ledger" | "files" | "server" | "clock">,
  target: string,
  thrown: FreezeSwitch | null,
  by: string,
): Promise<readonly FreezeSwitch[]> => {
  if (server.databaseUrl !== null) return keepSwitch(ledger, target, thrown, { by, at: clock.now() });
  const path = freezeFile(server.dataDir);
  const next = (before: Json): readonly FreezeSwitch[] => [
    ...readSwitches(before).filter((one) => one.target !== target),
    ...(thrown ? [thrown] : []),
  ];
  const text = await files.read(path);
  const switches = next(text === null ? [] : (JSON.parse(new TextDecoder().decode(text)) as Json));
  await files.write(path, new TextEncoder().encode(JSON.stringify(writeSwitches(switches))));
  return switches;
};

type Change = "frozen" | "freeze-lifted";

/**
 * Each throw and each lift enters the audit once: from the journal that `plumbline freeze` writes beside the file, else
 * as the difference to what was noted last.
 */
const noteChanges = async (
  { ledger, clock, files, server }: Pick<World, "ledger" | "clock" | "files" | "server">,
  switches: readonly FreezeSwitch[],
): Promise<void> => {
  const bytes = await files.read(freezeJournal(server.dataDir));
  const journal = bytes === null ? [] : readJournal(new TextDecoder().decode(bytes));
  const now = writeSwitches(switches);
  const [noted, read] = [(await ledger.meta.get(NOTED)) ?? [], (await ledger.meta.get(JOURNAL)) ?? 0];
  if (read === journal.length && canonicalJson(noted) === canonicalJson(now)) return;
  await ledger.transaction(async (inside) => {
    // Another replica may have noted them meanwhile; a journal that has become shorter is another one.
    const done = Number((await inside.meta.get(JOURNAL)) ?? 0);
    const fresh = journal.slice(done > journal.length ? 0 : done);
    let known = readSwitches((await inside.meta.get(NOTED)) ?? []);
    const note = async (action: Change, one: FreezeSwitch, at: Date): Promise<void> => {
      known = [...known.filter(({ target }) => target !== one.target), ...(action === "frozen" ? [one] : [])];
      await noteSwitch(inside, action, one, at);
    };
    for (const { action, ...one } of fresh) await note(action, one, one.since);
    const at = clock.now();
    for (const one of switches.filter((each) => !isAmong(each, known))) await note("frozen", one, at);
    for (const one of known.filter(({ target }) => !switches.some((each) => each.target === target)))
      await note("freeze-lifted", { ...one, by: "plumbline" }, at);
    await inside.meta.set(NOTED, now);
    await inside.meta.set(JOURNAL, journal.length);
  });
};

const isAmong = (one: FreezeSwitch, known: readonly FreezeSwitch[]): boolean =>
  known.some(({ target, since }) => target === one.target && since.getTime() === one.since.getTime());

const noteSwitch = async (
  ledger: Pick<World["ledger"], "audit">,
  action: Change,
  { target, by, reason, since }: FreezeSwitch,
  at: Date,
): Promise<void> => {
  const details = { target, reason, since: since.toISOString() };
  await ledger.audit.append({ at, actor: by, action, subject: "freeze", details });
};

/**
 * Throws or lifts (`null`) the switch of one target in the ledger, and notes it in the audit at once. Returns the
 * switches that stand there after it.
 */
export const keepSwitch = (
  ledger: World["ledger"],
  target: string,
  thrown: FreezeSwitch | null,
  { by, at }: { readonly by: string; readonly at: Date },
): Promise<readonly FreezeSwitch[]> =>
  ledger.transaction(async (inside) => {
    const without = (value: Json | undefined): readonly FreezeSwitch[] =>
      readSwitches(value ?? []).filter((one) => one.target !== target);
    const before = readSwitches((await inside.meta.get(KEY)) ?? []).find((one) => one.target === target);
    const added = thrown ? [thrown] : [];
    const switches = [...without(await inside.meta.get(KEY)), ...added];
    await inside.meta.set(KEY, writeSwitches(switches));
    await inside.meta.set(NOTED, writeSwitches([...without(await inside.meta.get(NOTED)), ...added]));
    if (thrown) await noteSwitch(inside, "frozen", thrown, at);
    else if (before) await noteSwitch(inside, "freeze-lifted", { ...before, by }, at);
    return switches;
  });

/** One line of the journal beside the file: who threw or lifted what, when and why. */
export const journalLine = (action: Change, one: FreezeSwitch): string =>
  `${JSON.stringify({ action, ...one, since: one.since.toISOString() })}\n`;

/** A line that is only half written is read once it is whole. */
const readJournal = (text: string): readonly (FreezeSwitch & { readonly action: Change })[] =>
  text
    .split("\n")
    .slice(0, -1)
    .flatMap((line) => {
      try {
        const read = JSON.parse(line) as Json;
        const [one] = readSwitches([read]);
        const action = isJsonObject(read) && read["action"] === "freeze-lifted" ? "freeze-lifted" : "frozen";
        return one ? [{ ...one, action }] : [];
      } catch {
        return [];
      }
    });

export const freezeJournal = (dataDir: string): string => `${dataDir}/freeze-journal.jsonl`;

/** Keys of all workspaces, for `plumbline freeze` where it cannot open the database. */
export const workspacesFile = (dataDir: string): string => `${dataDir}/workspaces.json`;

/** Writes them where they changed, and notes what was thrown and lifted since. */
export const keepFreezeFiles = async (
  world: Pick<World, "ledger" | "files" | "server" | "log" | "clock">,
): Promise<void> => {
  await freezeSwitches(world);
  if (world.server.databaseUrl !== null) return;
  const rows = await world.ledger.workspaces.list({ removed: false });
  const text = JSON.stringify(rows.map(({ key }) => key).toSorted());
  const path = workspacesFile(world.server.dataDir);
  const before = await world.files.read(path);
  if (before !== null && new TextDecoder().decode(before) === text) return;
  await world.files.write(path, new TextEncoder().encode(text));
};

export const freezeFile = (dataDir: string): string => `${dataDir}/freeze.json`;

/** Throws where the text is no list of switches. */
export const readSwitches = (value: Json): readonly FreezeSwitch[] => {
  if (!Array.isArray(value)) throw new TypeError("The freeze switch is no list.");
  return value.map((one) => {
    const { target, by, reason, since } = isJsonObject(one) ? one : {};
    const at = new Date(String(since));
    if (typeof target !== "string" || Number.isNaN(at.getTime()))
      throw new TypeError("A freeze names no target.");
    return { target, by: String(by), reason: String(reason), since: at };
  });
};

export const writeSwitches = (switches: readonly FreezeSwitch[]): Json =>
  switches.map(({ since, ...rest }) => ({ ...rest, since: since.toISOString() }));

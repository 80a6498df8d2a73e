import type { FreezeSwitch } from "../model/governance.ts";
import { canonicalJson, isJsonObject, type Json } from "../model/json.ts";
import type { World } from "./world.ts";

const KEY = "freeze";
const NOTED = "freeze-noted";

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
    await noteChange(world, switches);
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
  { ledger, files, server }: Pick<World, "ledger" | "files" | "server">,
  target: string,
  thrown: FreezeSwitch | null,
): Promise<readonly FreezeSwitch[]> => {
  const path = freezeFile(server.dataDir);
  const next = (before: Json): readonly FreezeSwitch[] => [
    ...readSwitches(before).filter((one) => one.target !== target),
    ...(thrown ? [thrown] : []),
  ];
  if (server.databaseUrl !== null)
    return ledger.transaction(async (inside) => {
      const switches = next((await inside.meta.get(KEY)) ?? []);
      await inside.meta.set(KEY, writeSwitches(switches));
      return switches;
    });
  const text = await files.read(path);
  const switches = next(text === null ? [] : (JSON.parse(new TextDecoder().decode(text)) as Json));
  await files.write(path, new TextEncoder().encode(JSON.stringify(writeSwitches(switches))));
  return switches;
};

/** The file keeps no history, so that a switch enters the audit when an apply first meets it. */
const noteChange = async (
  { ledger, clock }: Pick<World, "ledger" | "clock">,
  switches: readonly FreezeSwitch[],
): Promise<void> => {
  const now = writeSwitches(switches);
  const noted = (await ledger.meta.get(NOTED)) ?? [];
  if (canonicalJson(noted) === canonicalJson(now)) return;
  await ledger.transaction(async (inside) => {
    await inside.meta.set(NOTED, now);
    await inside.audit.append({
      at: clock.now(),
      actor: switches.at(-1)?.by ?? "plumbline",
      action: switches.length > 0 ? "frozen" : "freeze-lifted",
      subject: "freeze",
      details: { switches: now },
    });
  });
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

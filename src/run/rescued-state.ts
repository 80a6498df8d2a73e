import { isDeepStrictEqual } from "node:util";
import { PlumblineError } from "../model/errors.ts";
import type { Scratch } from "./frame.ts";
import type { Prepared } from "./prepare.ts";
import type { World } from "./world.ts";

/** The state that an apply of this workspace could not save, and its key in the store. @throws `gate-denied` for none */
export const rescuedState = async (
  world: Pick<World, "artifacts">,
  { workspace: { frozen } }: Pick<Scratch, "workspace">,
): Promise<{ readonly saved: Uint8Array; readonly artifact: string }> => {
  if (!frozen?.artifact)
    throw new PlumblineError("gate-denied", "No state of this workspace waits to be pushed.");
  return { saved: await world.artifacts.get(frozen.artifact), artifact: frozen.artifact.key };
};

/** Lineage, serial and content; which release of the engine wrote it says nothing of the objects. */
export const isRecorded = async (
  { engine, call }: Pick<Prepared, "engine" | "call">,
  saved: Uint8Array,
): Promise<boolean> => {
  const now = await engine.recordedState(call);
  const { terraform_version: _was, ...rescued } = JSON.parse(new TextDecoder().decode(saved));
  if (now === null || rescued.lineage === undefined) return false;
  const { terraform_version: _is, ...recorded } = JSON.parse(now);
  return isDeepStrictEqual(recorded, rescued);
};

/** Which state it is: null where it does not say. */
export interface StateAge {
  readonly lineage: string | null;
  readonly serial: number | null;
}

/** Where the rescued state and the recorded one stand, and whether a push would overwrite what came since. */
export const compareAges = async (
  { engine, call }: Pick<Prepared, "engine" | "call">,
  saved: Uint8Array,
): Promise<{
  readonly rescued: StateAge;
  readonly recorded: StateAge | null;
  readonly overtaken: boolean;
}> => {
  const now = await engine.stateVersion(call);
  const { lineage = null, serial = null } = JSON.parse(new TextDecoder().decode(saved)) as Partial<StateAge>;
  const recorded = now && { lineage: now.lineage, serial: now.serial };
  const overtaken = now !== null && (now.lineage !== lineage || (serial ?? 0) <= now.serial);
  return { rescued: { lineage, serial }, recorded, overtaken };
};

/** `serial 7 of LINEAGE` */
export const ageText = (age: StateAge | null): string =>
  age === null ? "not there" : `serial ${age.serial ?? "none"} of ${age.lineage ?? "no lineage"}`;

/** Same lineage and a higher serial, or somebody else's state would be overwritten. @throws `gate-denied` */
export const refuseOlder = async (
  prepared: Pick<Prepared, "engine" | "call">,
  saved: Uint8Array,
): Promise<void> => {
  const { rescued, recorded, overtaken } = await compareAges(prepared, saved);
  if (!overtaken) return;
  throw new PlumblineError(
    "gate-denied",
    `The recorded state moved on since: it is ${ageText(recorded)}, the rescued one ${ageText(rescued)}.`,
    {
      hint: "Compare both: the rescued state is kept in the artifact store. Where nothing of it is missing, or what is was imported, comment `plumbline state abandon -d DIR --reason TEXT`: it gives the rescued one up, and the workspace is applied to again.",
    },
  );
};

import { PlumblineError } from "../model/errors.ts";
import { plain } from "../report/escape.ts";
import type { Scratch } from "./frame.ts";
import type { Prepared } from "./prepare.ts";
import { ageText, compareAges, isRecorded, rescuedState } from "./rescued-state.ts";
import type { Settled } from "./settle-run.ts";
import { stateSettled } from "./state-settled.ts";
import type { World } from "./world.ts";

/**
 * Gives up a rescued state that the recorded one has overtaken: what both are, what only the rescued one knows and why is
 * told and recorded, in the transaction that opens the workspace again. One that can still be pushed is not given up.
 */
export const abandonState = async (
  world: World,
  scratch: Scratch,
  prepared: Pick<Prepared, "engine" | "call" | "tree">,
  reason: string,
): Promise<Settled> => {
  const { saved, artifact } = await rescuedState(world, scratch);
  const { rescued, recorded, overtaken } = await compareAges(prepared, saved);
  if (reason === "")
    throw new PlumblineError("gate-denied", "A rescued state is given up for a reason only.");
  if (!overtaken || (await isRecorded(prepared, saved)))
    throw new PlumblineError(
      "gate-denied",
      `The rescued state can be pushed: it is ${ageText(rescued)}, the recorded one ${ageText(recorded)}.`,
      { hint: "Comment `plumbline state push -d DIR`: nothing of it is lost then." },
    );
  const lost = onlyIn(saved, await prepared.engine.recordedState(prepared.call));
  return stateSettled(world, scratch, prepared, {
    action: "state-abandoned",
    details: { artifact, reason, rescued: { ...rescued }, recorded: { ...recorded }, only: [...lost] },
    unfreeze: scratch.workspace.key,
    reply: [
      `The rescued state (${ageText(rescued)}) is given up, the recorded one (${ageText(recorded)}) counts.`,
      `Reason: ${plain(reason)}`,
      lost.length === 0
        ? "The recorded state knows every object that the rescued one knows."
        : `Only the rescued state knows ${plain(shown(lost))}: they may exist unrecorded. Import them or delete them.`,
    ].join("\n\n"),
  });
};

const SHOWN = 20;
const shown = (addresses: readonly string[]): string =>
  [
    addresses.slice(0, SHOWN).join(", "),
    ...(addresses.length > SHOWN ? [`${addresses.length - SHOWN} more`] : []),
  ].join(" and ");

/** Addresses of objects, without those of data sources. */
const onlyIn = (saved: Uint8Array, recorded: string | null): readonly string[] => {
  const known = new Set(addressesIn(recorded ?? "{}"));
  return addressesIn(new TextDecoder().decode(saved)).filter((address) => !known.has(address));
};

interface StateFile {
  readonly resources?: readonly {
    readonly module?: string;
    readonly mode?: string;
    readonly type?: string;
    readonly name?: string;
    readonly instances?: readonly { readonly index_key?: string | number }[];
  }[];
}

const addressesIn = (text: string): readonly string[] =>
  ((JSON.parse(text) as StateFile).resources ?? [])
    .filter(({ mode }) => mode !== "data")
    .flatMap(({ module, type, name, instances = [] }) =>
      instances.map(({ index_key: key }) =>
        [
          ...(module ? [module] : []),
          type,
          `${name}${key === undefined ? "" : `[${JSON.stringify(key)}]`}`,
        ].join("."),
      ),
    );

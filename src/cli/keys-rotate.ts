import { systemClock } from "../adapters/clock.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";
import { recordsPlace, withRecords } from "./open-records.ts";
import { countKeys, type KeysTold, rotateKeys } from "./rotate-keys.ts";

/**
 * `plumbline keys rotate`: makes a new key where the keys lie in the data folder (else the first of `keys` is it), seals
 * everything anew that an older one has sealed, and retires the older ones. 2 where something is left that no key opens,
 * or, for `--check`, that needs an older one.
 */
export const keysRotate = async (call: Call): Promise<number> => {
  const place = await recordsPlace(call);
  const check = call.options["check"] === true;
  const by = textOption(call, "by") ?? call.env["USER"] ?? "the command line";
  const progress = (older: number): void => {
    if (older % 500 === 0) call.err(`${older} artifacts are sealed anew.\n`);
  };
  // The embedded database is opened first: a service that uses it would not know a new key.
  const told = await withRecords(place, ({ ledger, store }) => {
    const system = { dataDir: place.dataDir, keys: place.keys, ledger, store };
    return check ? countKeys(system) : rotateKeys(system, { by, now: systemClock.now, progress });
  });
  if (call.json) printJson(call, { ...told, check });
  else call.out(`${printable(check ? countText(told) : rotatedText(told, place.keys.length))}\n`);
  return told.unreadable.length > 0 || (check && told.older > 0) ? EXIT.somethingToSay : EXIT.done;
};

const countText = ({ key, older, current, unreadable }: KeysTold): string =>
  `Key ${key} seals ${current} artifacts, older keys ${older}.${unreadableText(unreadable)}`;

const rotatedText = ({ key, retired, older, current, unreadable }: KeysTold, given: number): string => {
  const counts = `Key ${key}: ${older} artifacts are sealed anew, ${current} were before.`;
  if (unreadable.length > 0) return `${counts}${unreadableText(unreadable)} The older keys stay.`;
  if (retired.length > 0)
    return `${counts} The older key lies in key.retired: only backups made before need it. Remove it when they are gone.`;
  if (given > 1) return `${counts} The older keys may leave \`keys\`: only backups made before need them.`;
  return `${counts} To change the key, put a new one in front of the old one in \`keys\` and restart first.`;
};

const SHOWN = 10;

const unreadableText = (unreadable: readonly string[]): string => {
  if (unreadable.length === 0) return "";
  const more = unreadable.length > SHOWN ? ", ..." : "";
  return ` No key opens ${unreadable.length}: ${unreadable.slice(0, SHOWN).join(", ")}${more}.`;
};

import { type Resealed, resealArtifacts } from "../adapters/artifacts-reseal.ts";
import type { SealedStore } from "../adapters/artifacts-sealed.ts";
import { systemClock } from "../adapters/clock.ts";
import { keptKeys, keyId, renewKeptKeys, retireKeptKeys } from "../adapters/instance.ts";
import { openSigningKey } from "../adapters/signing-key.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import type { Ledger } from "../ports/ledger.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";
import { type RecordsPlace, recordsPlace, withRecords } from "./open-records.ts";

/**
 * `plumbline keys rotate`: makes a new key where the keys lie in the data folder (else the first of `keys` is it), seals
 * everything anew that an older one has sealed, and then retires the older ones. At any moment whoever has all keys can
 * read everything; broken off, it goes on at the next call. 2 where something is left that no key opens, or, for
 * `--check`, that needs an older one.
 */
export const keysRotate = async (call: Call): Promise<number> => {
  const place = await recordsPlace(call);
  const look = call.options["check"] === true;
  // The embedded database is opened first: a service that uses it would not know a new key.
  const told = await withRecords(place, ({ ledger, store }) =>
    look ? lookedAt(place, store) : rotated(call, place, ledger, store),
  );
  if (call.json) printJson(call, { ...told, check: look });
  else call.out(`${printable(look ? lookText(told) : rotatedText(told, place))}\n`);
  return told.unreadable.length > 0 || (look && told.older > 0) ? EXIT.somethingToSay : EXIT.done;
};

interface Told extends Resealed {
  /** Names of keys, as in the audit and in backups. */
  readonly key: string;
  readonly retired: readonly string[];
}

const lookedAt = async (place: RecordsPlace, store: SealedStore): Promise<Told> => {
  const keys = place.keys.length > 0 ? place.keys : await keptKeys(place.dataDir);
  const counted = await resealArtifacts(store, keys, { look: true, progress: () => {} });
  return { key: nameOfFirst(keys), retired: [], ...counted };
};

const rotated = async (
  call: Call,
  place: RecordsPlace,
  ledger: Ledger,
  store: SealedStore,
): Promise<Told> => {
  const own = place.keys.length === 0;
  const keys = own ? await renewKeptKeys(place.dataDir) : place.keys;
  const key = nameOfFirst(keys);
  await refuseOthers(ledger, key);
  const write = (action: string, details: Json): Promise<unknown> =>
    ledger.audit.append({
      ...{ at: systemClock.now(), actor: textOption(call, "by") ?? call.env["USER"] ?? "the command line" },
      ...{ action, subject: `key:${key}`, details },
    });
  await write("key-rotation-began", { keys: keys.map(keyId) });
  await openSigningKey(ledger.meta, keys, { error: refuse });
  const progress = (older: number): void => {
    if (older % 500 === 0) call.err(`${older} artifacts are sealed anew.\n`);
  };
  const done = await resealArtifacts(store, keys, { look: false, progress });
  await refuseOthers(ledger, key);
  const retired = own && done.unreadable.length === 0 ? (await retireKeptKeys(place.dataDir)).map(keyId) : [];
  const { older, current, unreadable } = done;
  await write("key-rotation-ended", { older, current, unreadable: unreadable.length, retired });
  return { key, retired, ...done };
};

const nameOfFirst = ([first]: readonly Uint8Array[]): string => (first ? keyId(first) : "");

const refuse = (message: string): never => {
  throw new PlumblineError("artifact-corrupt", message);
};

const LIVES_MS = 120_000;

/** A replica that still seals with another key would write what the new one alone cannot open, and may not read the rest. */
const refuseOthers = async (ledger: Ledger, key: string): Promise<void> => {
  const since = systemClock.now().getTime() - LIVES_MS;
  const others = (await ledger.replicas.list()).filter(
    ({ seenAt, keyIds }) => seenAt.getTime() > since && keyIds?.[0] !== key,
  );
  if (others.length === 0) return;
  throw new PlumblineError(
    "keys-not-everywhere",
    `The key ${key} is not yet the first one of ${others.map(({ id }) => id).join(", ")}.`,
  );
};

const lookText = ({ key, older, current, unreadable }: Told): string =>
  `Key ${key}: it seals ${current} artifacts, older keys ${older}.${unreadableText(unreadable)}`;

const rotatedText = ({ key, retired, older, current, unreadable }: Told, { keys }: RecordsPlace): string => {
  const counts = `Key ${key} seals everything: ${older} artifacts anew, ${current} as before.`;
  if (unreadable.length > 0) return `${counts}${unreadableText(unreadable)} The older keys stay.`;
  if (retired.length > 0)
    return `${counts} The older key lies in key.retired: only backups made before need it. Remove it when they are gone.`;
  if (keys.length > 1)
    return `${counts} The older keys may leave \`keys\`; only backups made before need them.`;
  return `${counts} To change the key, put a new one in front of the old one in \`keys\` and restart first.`;
};

const SHOWN = 10;

const unreadableText = (unreadable: readonly string[]): string => {
  if (unreadable.length === 0) return "";
  const more = unreadable.length > SHOWN ? ", ..." : "";
  return ` No key opens ${unreadable.length}: ${unreadable.slice(0, SHOWN).join(", ")}${more}.`;
};

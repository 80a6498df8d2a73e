import { type Resealed, resealArtifacts } from "../adapters/artifacts-reseal.ts";
import type { SealedStore } from "../adapters/artifacts-sealed.ts";
import { keptKeys, keyId, renewKeptKeys, retireKeptKeys } from "../adapters/instance.ts";
import { openSigningKey } from "../adapters/signing-key.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import type { Ledger } from "../ports/ledger.ts";

/** A system whose keys change. */
export interface Rotated {
  readonly dataDir: string;
  /** Given by the operator; none: they lie in the data folder and are Plumbline's own to make and retire. */
  readonly keys: readonly Uint8Array[];
  readonly ledger: Ledger;
  readonly store: SealedStore;
}

export interface KeysTold extends Resealed {
  /** Names of keys, as in the audit and in backups. */
  readonly key: string;
  readonly retired: readonly string[];
}

/** What is sealed by which key; changes nothing. */
export const countKeys = async ({ dataDir, keys, store }: Omit<Rotated, "ledger">): Promise<KeysTold> => {
  const own = keys.length > 0 ? keys : await keptKeys(dataDir);
  const counted = await resealArtifacts(store, own, { look: true, progress: () => {} });
  return { key: nameOfFirst(own), retired: [], ...counted };
};

/**
 * Seals everything anew with the newest key and retires the older ones where nothing needs them. Broken off at any
 * moment, all is legible with the keys that are kept, and another call ends it. Fails with `keys-not-everywhere` where a
 * running replica seals by another key: it would write what the new one alone does not open.
 */
export const rotateKeys = async (
  system: Rotated,
  { by, now, progress }: { readonly by: string; now(): Date; progress(older: number): void },
): Promise<KeysTold> => {
  const { dataDir, ledger, store } = system;
  const own = system.keys.length === 0;
  const keys = own ? await renewKeptKeys(dataDir) : system.keys;
  const key = nameOfFirst(keys);
  await refuseOthers(ledger, key, now());
  const write = (action: string, details: Json): Promise<unknown> =>
    ledger.audit.append({ at: now(), actor: by, action, subject: `key:${key}`, details });
  await write("key-rotation-began", { keys: keys.map(keyId) });
  await openSigningKey(ledger.meta, keys);
  const done = await resealArtifacts(store, keys, { look: false, progress });
  // One may have been started with the old keys meanwhile.
  await refuseOthers(ledger, key, now());
  const retired = own && done.unreadable.length === 0 ? (await retireKeptKeys(dataDir)).map(keyId) : [];
  const { older, current, unreadable } = done;
  await write("key-rotation-ended", { older, current, unreadable: unreadable.length, retired });
  return { key, retired, ...done };
};

const nameOfFirst = ([first]: readonly Uint8Array[]): string => (first ? keyId(first) : "");

const LIVES_MS = 120_000;

const refuseOthers = async (ledger: Ledger, key: string, now: Date): Promise<void> => {
  const others = (await ledger.replicas.list()).filter(
    ({ seenAt, keyIds }) => seenAt.getTime() > now.getTime() - LIVES_MS && keyIds?.[0] !== key,
  );
  if (others.length === 0) return;
  throw new PlumblineError(
    "keys-not-everywhere",
    `The key ${key} is not yet the first one of ${others.map(({ id }) => id).join(", ")}.`,
  );
};

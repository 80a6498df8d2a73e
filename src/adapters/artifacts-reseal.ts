import { PlumblineError } from "../model/errors.ts";
import { createSeal } from "./artifacts-seal.ts";
import type { Change, Replaced, SealedStore } from "./artifacts-sealed.ts";

export interface Resealed {
  /** Sealed by an older key until now; on a mere look: still so. */
  readonly older: number;
  /** Sealed by the first key before. */
  readonly current: number;
  /** Keys of artifacts that none of our keys opens; they stay as they are. */
  readonly unreadable: readonly string[];
}

/**
 * Seals every artifact anew that another than the first of `keys` has sealed. Each is changed by itself and whole, so
 * whoever has all keys can read everything at any time, and what is broken off is just called again. `look`: counts only.
 */
export const resealArtifacts = async (
  store: SealedStore,
  keys: readonly Uint8Array[],
  { look, progress }: { readonly look: boolean; progress(older: number): void },
): Promise<Resealed> => {
  const seal = createSeal(keys);
  let [older, current] = [0, 0];
  const unreadable: string[] = [];
  const anew = (key: string, sealed: Uint8Array): Uint8Array | null => {
    const content = seal.open(key, sealed);
    if (content === null) unreadable.push(key);
    else if (seal.isByFirst(sealed)) current += 1;
    else return seal.close(key, content);
    return null;
  };
  for await (const { key } of store.list("")) {
    let isOlder = false;
    const change = (sealed: Uint8Array): Uint8Array | null => {
      const next = anew(key, sealed);
      isOlder = next !== null;
      return look ? null : next;
    };
    const became = await replaceWhole(store, key, change);
    if (!isOlder || became === "gone") continue;
    older += 1;
    progress(older);
  }
  return { older, current, unreadable };
};

const TRIES = 5;

/** Where somebody wrote it meanwhile: with which key is asked again. */
const replaceWhole = async (store: SealedStore, key: string, change: Change): Promise<Replaced> => {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const became = await store.replace(key, change);
    if (became !== "changed") return became;
  }
  throw new PlumblineError(
    "store-unavailable",
    `The artifact ${key} was never as it had been read, ${TRIES} times.`,
    {
      hint: "Find out what writes to the artifact store beside Plumbline, then call this again: it goes on.",
    },
  );
};

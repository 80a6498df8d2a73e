import { createSeal } from "./artifacts-seal.ts";
import type { SealedStore } from "./artifacts-sealed.ts";

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
    // Somebody wrote it meanwhile: with which key is asked again.
    let became = await store.replace(key, change);
    while (became === "changed") became = await store.replace(key, change);
    if (!isOlder || became === "gone") continue;
    older += 1;
    progress(older);
  }
  return { older, current, unreadable };
};

import { createHash } from "node:crypto";
import { PlumblineError } from "../model/errors.ts";
import type { ArtifactRef, Artifacts } from "../ports/artifacts.ts";
import { createSeal, type Seal } from "./artifacts-seal.ts";

export type Change = (sealed: Uint8Array) => Uint8Array | null | Promise<Uint8Array | null>;
export type Replaced = "replaced" | "kept" | "gone" | "changed";

/** Where sealed artifacts lie: bytes by key, written once. A folder or a bucket; keys were checked by `segmentsOf`. */
export interface SealedStore {
  /** Writes whole or not at all. False where the key exists, which is then left as it is. */
  putOnce(key: string, sealed: Uint8Array): Promise<boolean>;
  /** Null where the key does not exist. */
  get(key: string): Promise<Uint8Array | null>;
  delete(key: string): Promise<void>;
  /**
   * Writes what `change` makes of the bytes that lie there, whole or not at all, and over those bytes alone: what
   * somebody removed or wrote meanwhile stays as they left it (`gone`, `changed`). Null from `change`: nothing is written.
   */
  replace(key: string, change: Change): Promise<Replaced>;
  /** `bytes` as stored. */
  list(prefix: string): AsyncIterable<{ key: string; bytes: number; writtenAt: Date }>;
}

/**
 * Artifacts in a store that sees only sealed bytes. The first of `keys` (32 bytes each) encrypts, all decrypt, so that a
 * key is changed by putting the new one in front.
 */
export const createSealedArtifacts = (store: SealedStore, keys: readonly Uint8Array[]): Artifacts => {
  const seal = createSeal(keys);
  return {
    put: async (key, content) => {
      const ref = { key, sha256: sha256(content), bytes: content.byteLength };
      const stored = await store.putOnce(key, seal.close(key, content));
      if (!stored && sha256(await opened(store, seal, key)) !== ref.sha256) {
        throw new PlumblineError("artifact-corrupt", `The artifact ${key} exists with other content.`);
      }
      return ref;
    },
    get: async (ref) => {
      const content = await opened(store, seal, ref.key);
      if (isContentOf(ref, content)) return content;
      throw new PlumblineError("artifact-corrupt", `The artifact ${ref.key} is not what was written.`);
    },
    delete: (key) => store.delete(key),
    list: (prefix) => unsealedSizes(store, prefix, seal.overhead),
  };
};

const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

const isContentOf = (ref: ArtifactRef, content: Uint8Array): boolean =>
  content.byteLength === ref.bytes && sha256(content) === ref.sha256;

const opened = async (store: SealedStore, seal: Seal, key: string): Promise<Uint8Array> => {
  const sealed = await store.get(key);
  if (!sealed) throw new PlumblineError("artifact-missing", `The artifact ${key} is not there.`);
  const content = seal.open(key, sealed);
  if (content) return content;
  throw new PlumblineError("artifact-corrupt", `The artifact ${key} cannot be decrypted.`);
};

async function* unsealedSizes(
  store: SealedStore,
  prefix: string,
  overhead: number,
): AsyncGenerator<{ key: string; bytes: number; writtenAt: Date }> {
  for await (const { key, bytes, writtenAt } of store.list(prefix))
    yield { key, bytes: Math.max(0, bytes - overhead), writtenAt };
}

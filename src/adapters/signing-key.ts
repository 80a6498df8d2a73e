import { PlumblineError } from "../model/errors.ts";
import type { MetaRows } from "../ports/ledger.ts";
import { createSeal } from "./artifacts-seal.ts";

const FACT = "signing-key";

/**
 * The key (32 bytes) of digests, fingerprints, comment markers and links: the first one that this system ever had. It
 * lies in the ledger, sealed by the first of `keys`, so that changing keys ends no approval and no accepted state. Where
 * none of `keys` opens it, this fails with `keys-differ`: with another one every digest would differ from the other
 * replicas' and from those of yesterday.
 */
export const openSigningKey = async (
  meta: Pick<MetaRows, "get" | "swap">,
  keys: readonly Uint8Array[],
): Promise<Uint8Array> => {
  const [first] = keys;
  if (!first) throw new PlumblineError("config-invalid", "There is no key.");
  const kept = await meta.get(FACT);
  const opened = typeof kept === "string" ? openedBy(keys, kept) : first;
  if (opened === null)
    throw new PlumblineError(
      "keys-differ",
      "None of the keys of this process opens the signing key in the database.",
    );
  if (typeof kept === "string" && openedBy([first], kept) !== null) return opened;
  const sealed = Buffer.from(createSeal(keys).close(FACT, opened)).toString("base64");
  if (await meta.swap(FACT, kept, sealed)) return opened;
  // Another replica was faster: what it wrote is what counts.
  return openSigningKey(meta, keys);
};

const openedBy = (keys: readonly Uint8Array[], kept: string): Uint8Array | null =>
  createSeal(keys).open(FACT, Buffer.from(kept, "base64"));

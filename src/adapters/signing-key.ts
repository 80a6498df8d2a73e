import { PlumblineError } from "../model/errors.ts";
import type { MetaRows } from "../ports/ledger.ts";
import type { Log } from "../ports/log.ts";
import { createSeal } from "./artifacts-seal.ts";

const FACT = "signing-key";

/**
 * The key (32 bytes) of digests, fingerprints, comment markers and links: the first one that this system ever had. It
 * lies in the ledger, sealed by the first of `keys`, so that changing keys ends no approval and no accepted state. Where
 * none of `keys` opens it, the first one stands in, which is said; the sealed one stays for when the old key is back.
 */
export const openSigningKey = async (
  meta: MetaRows,
  keys: readonly Uint8Array[],
  log: Pick<Log, "error">,
): Promise<Uint8Array> => {
  const [first] = keys;
  if (!first) throw new PlumblineError("config-invalid", "There is no key.");
  const kept = await meta.get(FACT);
  if (typeof kept !== "string") return keep(meta, keys, first);
  const sealed = Buffer.from(kept, "base64");
  const opened = createSeal(keys).open(FACT, sealed);
  if (!opened) {
    log.error("None of the keys opens what this system wrote: put the old key behind the new one", {
      see: "docs/operations.md",
    });
    return first;
  }
  return createSeal([first]).open(FACT, sealed) ? opened : keep(meta, keys, opened);
};

const keep = async (meta: MetaRows, keys: readonly Uint8Array[], secret: Uint8Array): Promise<Uint8Array> => {
  await meta.set(FACT, Buffer.from(createSeal(keys).close(FACT, secret)).toString("base64"));
  return secret;
};

import { randomBytes, randomUUID } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PlumblineError } from "../model/errors.ts";

/** What makes this installation itself, the same after every restart. */
export interface Instance {
  readonly id: string;
  /** 32 bytes each; the first encrypts and signs, all decrypt. */
  readonly keys: readonly Uint8Array[];
}

/** Keys given by the operator, else one that is made once and kept in the data folder (0600). */
export const openInstance = async (dataDir: string, given: readonly Uint8Array[]): Promise<Instance> => {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const id = await keptText(join(dataDir, "instance"), () => randomUUID());
    if (given.length > 0) return { id, keys: given };
    const key = await keptText(join(dataDir, "key"), () => randomBytes(32).toString("hex"));
    return { id, keys: [Uint8Array.from(Buffer.from(key, "hex"))] };
  } catch (cause) {
    throw new PlumblineError("not-writable", `The data folder ${dataDir} cannot be written.`, { cause });
  }
};

const keptText = async (path: string, make: () => string): Promise<string> => {
  const known = await readFile(path, "utf8").catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === "ENOENT") return null;
    throw failure;
  });
  if (known !== null) return known.trim();
  const fresh = make();
  await writeFile(`${path}.new`, `${fresh}\n`, { mode: 0o600 });
  await chmod(`${path}.new`, 0o600);
  await rename(`${path}.new`, path);
  return fresh;
};

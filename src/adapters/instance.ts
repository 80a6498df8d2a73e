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
    const lines = await keptText(join(dataDir, "key"), () => randomBytes(32).toString("hex"));
    return { id, keys: keysIn(lines) };
  } catch (cause) {
    if (cause instanceof PlumblineError) throw cause;
    throw new PlumblineError("not-writable", `The data folder ${dataDir} cannot be written.`, { cause });
  }
};

/** The keys that lie in the data folder, if any: for what must not make one. */
export const keptKeys = async (dataDir: string): Promise<readonly Uint8Array[]> => {
  const text = await readFile(join(dataDir, "key"), "utf8").catch(() => "");
  return text.trim() === "" ? [] : keysIn(text);
};

/** Keeps keys for `openInstance`, unless some are there. */
export const keepKeys = async (dataDir: string, keys: readonly Uint8Array[]): Promise<void> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await keptText(join(dataDir, "key"), () => keys.map((key) => Buffer.from(key).toString("hex")).join("\n"));
};

/** One key a line; the first encrypts. */
const keysIn = (text: string): readonly Uint8Array[] => {
  const lines = text.trim().split(/\s+/);
  if (lines.every((line) => /^[0-9a-f]{64}$/i.test(line)))
    return lines.map((line) => Uint8Array.from(Buffer.from(line, "hex")));
  throw new PlumblineError("config-invalid", "The file `key` in the data folder holds no keys.", {
    hint: "One key a line, 64 hex digits each; the first encrypts, all decrypt.",
  });
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

import { createHash, randomBytes, randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
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

/** Names a key without giving it away. */
export const keyId = (key: Uint8Array): string =>
  createHash("sha256").update("plumbline key id").update(key).digest("hex").slice(0, 16);

/** The keys that lie in the data folder, if any: for what must not make one. */
export const keptKeys = async (dataDir: string): Promise<readonly Uint8Array[]> => {
  const text = (await textOrNull(join(dataDir, "key"))) ?? "";
  return text.trim() === "" ? [] : keysIn(text);
};

/** Keeps keys for `openInstance`, unless some are there. */
export const keepKeys = async (dataDir: string, keys: readonly Uint8Array[]): Promise<void> => {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await keptText(join(dataDir, "key"), () => linesOf(keys));
};

/**
 * Puts a fresh key in front of the kept ones. `key.rotating` names it until `retireKeptKeys`: where it is the first one
 * already, a change has begun and goes on with it. What is returned is on the disk.
 */
export const renewKeptKeys = async (dataDir: string): Promise<readonly Uint8Array[]> => {
  const kept = await keptKeys(dataDir);
  const [first, ...others] = kept;
  if (first === undefined) return kept;
  const begun = (await textOrNull(rotatingFile(dataDir)))?.trim();
  if (others.length > 0 && begun === keyId(first)) return kept;
  const fresh = Uint8Array.from(randomBytes(32));
  const keys = [fresh, ...kept];
  await written(rotatingFile(dataDir), keyId(fresh));
  await written(join(dataDir, "key"), linesOf(keys));
  return keys;
};

const rotatingFile = (dataDir: string): string => join(dataDir, "key.rotating");

/** Only the first key stays in `key`; the others lie in `key.retired`, which no service reads. Returns those. */
export const retireKeptKeys = async (dataDir: string): Promise<readonly Uint8Array[]> => {
  const [first, ...others] = await keptKeys(dataDir);
  if (first === undefined || others.length === 0) return [];
  const path = join(dataDir, "key.retired");
  const before = ((await textOrNull(path)) ?? "").split("\n").filter((line) => line !== "");
  await written(path, [...new Set([...before, ...linesOf(others).split("\n")])].join("\n"));
  await written(join(dataDir, "key"), linesOf([first]));
  await rm(rotatingFile(dataDir), { force: true });
  return others;
};

const linesOf = (keys: readonly Uint8Array[]): string =>
  keys.map((key) => Buffer.from(key).toString("hex")).join("\n");

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
  const known = await textOrNull(path);
  if (known !== null) return known.trim();
  const fresh = make();
  await written(path, fresh);
  return fresh;
};

/** Null only for what is not there: a key that cannot be read is none that may be made anew. */
const textOrNull = (path: string): Promise<string | null> =>
  readFile(path, "utf8").catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === "ENOENT") return null;
    throw failure;
  });

/** Whole or not at all, and on the disk when this resolves: a key that something is sealed with must not be lost. */
const written = async (path: string, text: string): Promise<void> => {
  const file = await open(`${path}.new`, "w", 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(`${text}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  const folder = await open(dirname(path), "r").catch(() => null);
  await folder?.sync().catch(() => {});
  await folder?.close();
};

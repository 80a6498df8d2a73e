import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { ErrorCode } from "../model/error-codes.ts";
import { PlumblineError } from "../model/errors.ts";
import type { CliWorld } from "./command.ts";

/** Bytes of the file that an argument names, `-` for standard input; a failure is one sentence under `code`. */
export const readArgument = async (
  world: Pick<CliWorld, "cwd" | "readStdin">,
  name: string,
  code: ErrorCode,
): Promise<Uint8Array> => {
  if (name === "-") return world.readStdin();
  try {
    return await readFile(resolve(world.cwd, name));
  } catch (failure) {
    throw new PlumblineError(code, whyNot(name, failure), { cause: failure, hint: "Check the file's name." });
  }
};

export interface Argument {
  /** The bytes a megabyte at a time, from the beginning at each call; a chunk is gone with the next one. */
  readonly chunks: () => Iterable<Uint8Array>;
  readonly all: () => Promise<Uint8Array>;
}

/** The same without having all bytes in memory, where that can be had: a pipe gives its bytes only once. */
export const openArgument = async (
  world: Pick<CliWorld, "cwd" | "readStdin">,
  name: string,
  code: ErrorCode,
): Promise<Argument> => {
  const path = resolve(world.cwd, name);
  const found = name === "-" ? undefined : await stat(path).catch(() => undefined);
  if (found?.isFile())
    return { chunks: () => chunksOf(path, name, code), all: () => readArgument(world, name, code) };
  const bytes = await readArgument(world, name, code);
  return { chunks: () => [bytes], all: async () => bytes };
};

const CHUNK = 1 << 20;

function* chunksOf(path: string, name: string, code: ErrorCode): Generator<Uint8Array> {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    const buffer = new Uint8Array(CHUNK);
    for (let size = readSync(descriptor, buffer); size > 0; size = readSync(descriptor, buffer))
      yield buffer.subarray(0, size);
  } catch (failure) {
    throw new PlumblineError(code, whyNot(name, failure), { cause: failure, hint: "Check the file's name." });
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const whyNot = (name: string, failure: unknown): string => {
  const reason = (failure as NodeJS.ErrnoException).code ?? "";
  if (reason === "ENOENT" || reason === "ENOTDIR") return `There is no file ${name}.`;
  if (reason === "EISDIR") return `${name} is a folder, not a file.`;
  if (reason === "EACCES" || reason === "EPERM") return `${name} may not be read by this user.`;
  if (reason === "ERR_FS_FILE_TOO_LARGE") return `${name} is larger than 2 GiB.`;
  return `${name} could not be read${reason ? ` (${reason})` : ""}.`;
};

/** Text of a file that a variable names, null where it cannot be read. */
export const readOrNull = (path: string): string | null => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
};

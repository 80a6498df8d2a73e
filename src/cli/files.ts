import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type ErrorCode, PlumblineError } from "../model/errors.ts";
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

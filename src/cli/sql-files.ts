import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isSqlFile } from "../migration/names.ts";
import { undecodable } from "../migration/undecodable.ts";
import { PlumblineError } from "../model/errors.ts";
import type { CliWorld } from "./command.ts";
import { readArgument } from "./files.ts";

export interface SqlFile {
  /** As it was named. */
  readonly file: string;
  readonly text: string;
}

/** The files that arguments name, each once; a folder stands for every .sql file in it. @throws `sql-unreadable` */
export const readSqlFiles = async (
  world: Pick<CliWorld, "cwd" | "readStdin">,
  names: readonly string[],
): Promise<readonly SqlFile[]> => {
  const files: SqlFile[] = [];
  for (const name of new Set((await Promise.all(names.map((each) => filesAt(world, each)))).flat()))
    files.push({ file: name, text: decode(await readArgument(world, name, "sql-unreadable"), name) });
  return files;
};

const filesAt = async ({ cwd }: Pick<CliWorld, "cwd">, name: string): Promise<readonly string[]> => {
  const there = name === "-" ? null : await stat(resolve(cwd, name)).catch(() => null);
  if (!there?.isDirectory()) return [name];
  const entries = await readdir(resolve(cwd, name), { recursive: true, withFileTypes: true });
  const found = entries
    .filter((entry) => entry.isFile() && isSqlFile(entry.name))
    .map((entry) => join(name, entry.parentPath.slice(resolve(cwd, name).length), entry.name));
  if (found.length === 0)
    throw new PlumblineError("sql-unreadable", `The folder ${name} holds no .sql file.`);
  return found.toSorted();
};

const decode = (bytes: Uint8Array, name: string): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const { message } = undecodable(name, bytes, "UTF-8");
    throw new PlumblineError("sql-unreadable", message, { cause, hint: "Save it as UTF-8." });
  }
};

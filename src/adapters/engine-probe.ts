import { createHash } from "node:crypto";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import type { EngineVersion } from "../ports/engine.ts";

const known = new Map<string, Promise<EngineVersion | null>>();

/** Smaller files are scripts that choose a version by folder or variable (tfenv, asdf): their word is not kept. */
const REAL_BINARY_BYTES = 10_000_000;

/**
 * Asks a binary who it is; null where it is no engine. Asked once per content (path, size and time of change); with
 * a `memory` folder, the answer of a real binary is kept there for later processes.
 */
export const probeVersion = async (
  binary: string,
  env: Readonly<Record<string, string>>,
  memory?: string,
): Promise<EngineVersion | null> => {
  const found = await stat(binary).catch(() => null);
  if (!found?.isFile()) return null;
  const key = `${binary}\0${found.size}\0${found.mtimeMs}\0${found.ctimeMs}`;
  const kept = memory && found.size >= REAL_BINARY_BYTES ? join(memory, `${digest(key)}.txt`) : null;
  const asked = known.get(key) ?? (kept ? remembered(kept, () => ask(binary, env)) : ask(binary, env));
  known.set(key, asked);
  return asked;
};

const digest = (key: string): string => createHash("sha256").update(key).digest("hex").slice(0, 16);

// What cannot be read or written costs a question (some 50 ms), nothing else.
const remembered = async (
  file: string,
  asking: () => Promise<EngineVersion | null>,
): Promise<EngineVersion | null> => {
  const text = await readFile(file, "utf8").catch(() => "");
  const told = VERSION_LINE.exec(text)?.groups;
  if (told) return toVersion(told);
  const version = await asking();
  if (version) await keep(file, lineOf(version)).catch(() => undefined);
  return version;
};

const keep = async (file: string, line: string): Promise<void> => {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.${process.pid}`, line);
  await rename(`${file}.${process.pid}`, file);
};

// As the engines say it themselves.
const VERSION_LINE = /^(?<name>Terraform|OpenTofu) v(?<version>\d+\.\d+\.\d+\S*)/m;
const toVersion = (said: { readonly [name: string]: string | undefined }): EngineVersion => ({
  distribution: said["name"] === "OpenTofu" ? "tofu" : "terraform",
  version: said["version"] ?? "",
});
const lineOf = ({ distribution, version }: EngineVersion): string =>
  `${distribution === "tofu" ? "OpenTofu" : "Terraform"} v${version}\n`;

const ask = async (binary: string, env: Readonly<Record<string, string>>): Promise<EngineVersion | null> => {
  const { stdout } = await execa(binary, ["version"], {
    env: { ...env, CHECKPOINT_DISABLE: "1" },
    extendEnv: false,
    stdin: "ignore",
    reject: false,
    timeout: 30_000,
  });
  const said = VERSION_LINE.exec(stdout ?? "")?.groups;
  return said ? toVersion(said) : null;
};

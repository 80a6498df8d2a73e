import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { isProgress } from "../../src/cli/patience.ts";
import { runCli } from "../../src/cli/run.ts";

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command line in this process, without what is told only where a machine is slow (its own test: patience.test.ts). */
export const cli = async (
  argv: readonly string[],
  world: {
    stdin?: string | Uint8Array;
    cwd?: string;
    env?: Record<string, string | undefined>;
    stop?: AbortSignal;
    onErr?: (text: string) => void;
  } = {},
): Promise<Ran> => {
  let [out, err] = ["", ""];
  const code = await runCli(argv, {
    env: world.env ?? { PATH: process.env["PATH"], HOME: process.env["HOME"] },
    cwd: world.cwd ?? process.cwd(),
    readStdin: async () => Buffer.from(world.stdin ?? ""),
    out: (text) => {
      out += text;
    },
    err: (text) => {
      if (isProgress(text)) return;
      err += text;
      world.onErr?.(text);
    },
    colours: false,
    stopSignal: () => world.stop ?? AbortSignal.any([]),
  });
  return { code, out, err };
};

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const BIN = join(ROOT, "bin/plumbline.js");

/** The command line as a process of its own. */
export const spawned = (
  argv: readonly string[],
  { stdin = "", node = process.execPath }: { stdin?: string; node?: string } = {},
): Promise<Ran> =>
  new Promise((resolve) => {
    const child = spawn(node, [BIN, ...argv], { stdio: ["pipe", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (part) => {
      out += part;
    });
    child.stderr.on("data", (part) => {
      err += part;
    });
    child.stdin.on("error", () => {});
    child.stdin.end(stdin);
    child.on("close", (code) => resolve({ code: code ?? -1, out, err: withoutProgress(err) }));
  });

const withoutProgress = (err: string): string =>
  err
    .split(/(?<=\n)/)
    .filter((line) => !isProgress(line))
    .join("");

/** An empty folder, gone after the test. */
export const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "plumbline-cli-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** A folder with these files, gone after the test. */
export const folderOf = (files: Readonly<Record<string, string | Uint8Array>>): string => {
  const dir = folder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(dir, name, ".."), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
};

import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { PlumblineError } from "../model/errors.ts";

export interface OpaAnswer {
  readonly failed: boolean;
  readonly timedOut: boolean;
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** One short OPA process in `cwd`: no environment, so that no policy can read one, and no standard input. */
export const runOpa = async (
  binary: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<OpaAnswer> => {
  const result = await execa(binary, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    timeout: options.timeoutMs ?? 60_000,
    env: {},
    extendEnv: false,
    stdin: "ignore",
    reject: false,
    maxBuffer: 1 << 28,
  });
  const { failed, timedOut, exitCode, stdout = "", stderr = "" } = result;
  return { failed, timedOut, exitCode, stdout, stderr };
};

/** Built-in functions by which a policy could reach the network, or see where it runs. */
const REFUSED = new Set(["http.send", "net.lookup_ip_addr", "opa.runtime"]);

/** Writes what this OPA can do, less what policies may not, to `file`. */
export const writeCapabilities = async (binary: string, file: string): Promise<void> => {
  const { failed, stdout, stderr } = await runOpa(binary, ["capabilities", "--current"]);
  if (failed)
    throw new PlumblineError("policy-engine-missing", `${binary} does not say what it can do.`, {
      detail: { stderr: stderr.slice(-2000) },
    });
  const all = JSON.parse(stdout) as { builtins: { name: string }[] };
  const allowed = {
    ...all,
    builtins: all.builtins.filter(({ name }) => !REFUSED.has(name)),
    allow_net: [],
  };
  await writeFile(file, JSON.stringify(allowed));
};

/** Writes files below a folder of our own; their paths were made by us from names in a listing. */
export const writeBelow = async (
  folder: string,
  files: readonly { readonly path: string; readonly text: string }[],
): Promise<void> => {
  for (const { path, text } of files) {
    const target = join(folder, path);
    if (!target.startsWith(`${folder}/`))
      throw new PlumblineError("path-escapes", `${path} leads out of the policy folder.`);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
};

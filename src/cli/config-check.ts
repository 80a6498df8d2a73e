import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { checkConfigText, configKind } from "../config/check.ts";
import { readRepoConfig } from "../config/repo-config.ts";
import { readServerConfig } from "../config/server-config.ts";
import type { ConfigProblem, Parsed } from "../model/config.ts";
import { PlumblineError } from "../model/errors.ts";
import { type Call, EXIT, printable, printJson } from "./command.ts";
import { readArgument } from "./files.ts";

/** `plumbline config check [FILE|-]`: every problem at once; 2 where there is one. */
export const configCheck = async (call: Call): Promise<number> => {
  const [file] = call.args;
  const checked = file === undefined ? await checkFound(call) : await checkOne(call, file);
  for (const { path, message } of checked.warnings) call.err(`note: ${line({ path, message })}`);
  const { problems } = checked;
  const ok = problems.length === 0;
  if (call.json) printJson(call, { ok, problems });
  else if (ok) call.out(`${checked.what}: in order.\n`);
  else call.out(problems.map(line).join(""));
  return ok ? EXIT.done : EXIT.somethingToSay;
};

const line = ({ path, message }: ConfigProblem): string =>
  `${printable(path === "" ? message : `${path}: ${message}`)}\n`;

interface Checked {
  readonly what: string;
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
}

const checkOne = async (call: Call, file: string): Promise<Checked> => {
  const text = decode(await readArgument(call, file, "config-invalid"), file);
  const kind = configKind(file === "-" ? "" : file, text);
  const parsed = kind === "server" ? checkServer(call, text) : checkConfigText(text, { file: kind });
  return checkedAs(file === "-" ? "standard input" : file, parsed);
};

// The two files of a repository are read together, as the service reads them.
const checkFound = async (call: Call): Promise<Checked> => {
  const found = await readHere(call, ["plumbline.yaml", "atlantis.yaml", ...SERVER_FILES]);
  const { "plumbline.yaml": own = null, "atlantis.yaml": atlantis = null, ...servers } = found;
  const repository = checkedAs("", readRepoConfig({ "plumbline.yaml": own, "atlantis.yaml": atlantis }));
  const services = Object.entries(servers).map(([name, text]) => {
    const { problems } = checkedAs(name, checkServer(call, text));
    return problems.map(({ path, message }) => ({ path: path === "" ? name : `${name}: ${path}`, message }));
  });
  const names = Object.keys(found);
  return {
    what:
      names.length === 0
        ? "No plumbline.yaml or atlantis.yaml here (root modules are discovered)"
        : names.join(", "),
    problems: [...repository.problems, ...services.flat()],
    warnings: repository.warnings,
  };
};

const SERVER_FILES = ["plumbline-server.yaml", "plumbline-server.yml"];

const readHere = async (call: Call, names: readonly string[]): Promise<Readonly<Record<string, string>>> => {
  const found: Record<string, string> = {};
  for (const name of names) {
    try {
      found[name] = decode(await readFile(resolve(call.cwd, name)), name);
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code !== "ENOENT") throw failure;
    }
  }
  return found;
};

const checkServer = ({ env, cwd }: Call, yamlText: string): Parsed<unknown> =>
  readServerConfig({ yamlText, env, readFile: (path) => readOrNull(resolve(cwd, path)) });

/** Text of a file that a variable names, null where it cannot be read. */
export const readOrNull = (path: string): string | null => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
};

const decode = (bytes: Uint8Array, name: string): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (failure) {
    throw new PlumblineError("config-invalid", `${name} is no UTF-8 text.`, { cause: failure });
  }
};

const checkedAs = (what: string, parsed: Parsed<unknown>): Checked => {
  if (!parsed.ok) return { what, problems: parsed.problems, warnings: [] };
  const { warnings = [] } = parsed.value as { readonly warnings?: readonly ConfigProblem[] };
  return { what, problems: [], warnings };
};

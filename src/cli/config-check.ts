import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { checkConfigFile } from "../config/check.ts";
import { readRepoConfig } from "../config/repo-config.ts";
import type { ConfigProblem } from "../model/config.ts";
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
  const what = file === "-" ? "standard input" : file;
  return { what, ...checkConfigFile(file === "-" ? "" : file, text) };
};

// The two files of a repository are read together, as the service reads them.
const checkFound = async (call: Call): Promise<Checked> => {
  const found = await readHere(call, ["plumbline.yaml", "atlantis.yaml", ...SERVER_FILES]);
  const { "plumbline.yaml": own = null, "atlantis.yaml": atlantis = null, ...servers } = found;
  const repository = readRepoConfig({ "plumbline.yaml": own, "atlantis.yaml": atlantis });
  const services = Object.entries(servers).flatMap(([name, text]) =>
    checkConfigFile(name, text).problems.map(({ path, message }) => ({
      path: path === "" ? name : `${name}: ${path}`,
      message,
    })),
  );
  const names = Object.keys(found);
  return {
    what: names.length === 0 ? NONE_HERE : names.join(", "),
    problems: [...(repository.ok ? [] : repository.problems), ...services],
    warnings: [...(repository.ok ? repository.value.warnings : []), ...(await misnamed(call))],
  };
};

// Nobody reads these, and their owner believes that they hold.
const misnamed = async (call: Call): Promise<readonly ConfigProblem[]> => {
  const found = await readHere(call, ["plumbline.yml", "atlantis.yml"]);
  return Object.keys(found).map((path) => ({
    path,
    message: `This name is not read; call it ${path.replace(".yml", ".yaml")}.`,
  }));
};

const NONE_HERE = "No plumbline.yaml or atlantis.yaml here (root modules are discovered)";
const SERVER_FILES = ["plumbline-server.yaml", "plumbline-server.yml"];

const readHere = async (call: Call, names: readonly string[]): Promise<Readonly<Record<string, string>>> => {
  const found: Record<string, string> = {};
  for (const name of names) {
    const there = await stat(resolve(call.cwd, name)).catch(() => null);
    if (there) found[name] = decode(await readArgument(call, name, "config-invalid"), name);
  }
  return found;
};

const decode = (bytes: Uint8Array, name: string): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (failure) {
    throw new PlumblineError("config-invalid", `${name} is no UTF-8 text.`, { cause: failure });
  }
};

import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { loadCatalogue } from "../adapters/catalogue-files.ts";
import { checkConfigFile, checkConfigText } from "../config/check.ts";
import { readRepoConfig } from "../config/repo-config.ts";
import type { ConfigProblem, Parsed, RepoConfig } from "../model/config.ts";
import { PlumblineError } from "../model/errors.ts";
import { withOverrides } from "../risk/overrides.ts";
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
  const checked = checkConfigFile(file === "-" ? "" : file, text);
  if (checked.kind !== "plumbline.yaml") return { what, ...checked };
  const config = checkConfigText(text, { file: "plumbline.yaml" });
  return { what, ...checked, problems: [...checked.problems, ...(await overrideProblems(config))] };
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
    problems: [
      ...(repository.ok ? [] : repository.problems),
      ...(await overrideProblems(repository)),
      ...services,
    ],
    warnings: [...(repository.ok ? repository.value.warnings : []), ...(await misnamed(call))],
  };
};

/** What a repository says of types and rules that the catalogue does not know. */
const overrideProblems = async (config: Parsed<RepoConfig>): Promise<readonly ConfigProblem[]> => {
  const overrides = config.ok ? (config.value.stateful ?? []) : [];
  if (overrides.length === 0) return [];
  const judged = withOverrides(await loadCatalogue(), overrides);
  return judged.ok ? [] : judged.problems;
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

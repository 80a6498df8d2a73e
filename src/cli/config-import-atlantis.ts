import { lstat, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type AtlantisImport,
  type AtlantisSources,
  importAtlantis,
  type NamedText,
} from "../config/atlantis-import.ts";
import type { AtlantisTold } from "../config/atlantis-told.ts";
import { PlumblineError } from "../model/errors.ts";
import { type Call, EXIT, printable, printJson, textOption } from "./command.ts";
import { readArgument } from "./files.ts";

/**
 * `plumbline config import-atlantis [DIR|FILE|-]`: writes plumbline.yaml from Atlantis's files. 2 where a file is not in
 * order (nothing is written then), or where something has no counterpart.
 */
export const configImportAtlantis = async (call: Call): Promise<number> => {
  const sources = await readSources(call);
  const out = textOption(call, "out") ?? (await besides(call));
  if (out !== "-") await mustBeFree(call, out);
  const result = importAtlantis(sources);
  if (!result.ok) {
    if (call.json) printJson(call, { ok: false, problems: result.problems });
    else for (const { path, message } of result.problems) call.out(`${printable(`${path}: ${message}`)}\n`);
    return EXIT.somethingToSay;
  }
  if (out !== "-") await write(call, out, result.value.plumbline);
  if (call.json) printJson(call, { ok: true, file: out === "-" ? null : out, ...result.value });
  else tell(call, result.value, out);
  return result.value.told.some(({ fate }) => fate === "lost") ? EXIT.somethingToSay : EXIT.done;
};

const readSources = async (call: Call): Promise<AtlantisSources> => {
  const [given = "."] = call.args;
  const name = given !== "-" && (await isFolder(call, given)) ? join(given, "atlantis.yaml") : given;
  const server = textOption(call, "server-config");
  const flags = textOption(call, "server-flags");
  const alone = (server ?? flags) !== undefined && (await isMissing(call, name));
  if ([name, server, flags].filter((one) => one === "-").length > 1)
    throw new PlumblineError("wrong-arguments", "Only one file can be standard input.");
  const repositoryId = textOption(call, "repo") ?? null;
  if (repositoryId !== null && !/^[^/\s]+(\/[^/\s]+){2,}$/.test(repositoryId))
    throw new PlumblineError("wrong-arguments", "--repo is HOST/OWNER/NAME, such as github.com/acme/infra.");
  return {
    repository: alone ? null : await named(call, name),
    server: server === undefined ? null : await named(call, server),
    flags: flags === undefined ? null : await named(call, flags),
    repositoryId,
  };
};

const isFolder = async ({ cwd }: Call, name: string): Promise<boolean> =>
  (await stat(resolve(cwd, name)).catch(() => null))?.isDirectory() === true;
const isMissing = async ({ cwd }: Call, name: string): Promise<boolean> =>
  name !== "-" && (await lstat(resolve(cwd, name)).catch(() => null)) === null;

const named = async (call: Call, name: string): Promise<NamedText> => {
  const bytes = await readArgument(call, name, "config-invalid");
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { name: name === "-" ? "standard input" : name, text };
  } catch (failure) {
    throw new PlumblineError("config-invalid", `${name} is no UTF-8 text.`, { cause: failure });
  }
};

/** Beside atlantis.yaml; of standard input on standard output. */
const besides = async (call: Call): Promise<string> => {
  const [given = "."] = call.args;
  if (given === "-") return "-";
  return (await isFolder(call, given)) ? join(given, "plumbline.yaml") : join(given, "..", "plumbline.yaml");
};

const mustBeFree = async ({ cwd }: Call, name: string): Promise<void> => {
  if ((await lstat(resolve(cwd, name)).catch(() => null)) === null) return;
  throw new PlumblineError("config-invalid", `${name} is there already and stays as it is.`, {
    hint: "Give --out another name, or --out - to print it.",
  });
};

const write = async (call: Call, name: string, text: string): Promise<void> => {
  try {
    // Never over a file that came to be meanwhile.
    await writeFile(resolve(call.cwd, name), text, { flag: "wx" });
  } catch (failure) {
    const reason = (failure as NodeJS.ErrnoException).code ?? "unknown";
    throw new PlumblineError("config-invalid", `${name} cannot be written (${reason}).`, { cause: failure });
  }
};

const tell = (call: Call, result: AtlantisImport, out: string): void => {
  const say = out === "-" ? call.err : call.out;
  if (out === "-") call.out(result.plumbline);
  else say(`Wrote ${out}, ${result.workspaces} ${result.workspaces === 1 ? "workspace" : "workspaces"}.\n`);
  if (result.server !== null)
    say(`\nFor the server's file:\n\n${result.server.replaceAll(/^(?=.)/gm, "  ")}`);
  if (result.variables.length > 0)
    say(
      `\nVariables of the server:\n\n${result.variables.map(({ name, from }) => `  ${name}: what ${from} has\n`).join("")}`,
    );
  for (const [fate, title] of TITLES) {
    const told = result.told.filter((one) => one.fate === fate);
    if (told.length > 0) say(`\n${title}:\n\n${told.map(toldLine).join("")}`);
  }
};

const TITLES = [
  ["lost", "Not carried over"],
  ["changed", "Works otherwise"],
  ["unneeded", "Not needed"],
] as const;

const toldLine = ({ file, line, column, key, count, note, to }: AtlantisTold): string => {
  const place = [file, line, column].filter((part) => part !== null && part !== "").join(":");
  const times = count > 1 ? ` (${count} times)` : "";
  const target = to === null || note.includes(to) ? "" : ` [${to}]`;
  return `  ${printable(`${place}: ${key}${times}${target}: ${note}`)}\n`;
};

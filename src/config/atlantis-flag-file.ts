import type { ConfigProblem, Parsed } from "../model/config.ts";
import { splitWords } from "./shell-words.ts";
import { readYaml } from "./yaml.ts";

/** A flag of `atlantis server` as it was given; a switch without a value is "true". */
export interface GivenFlag {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

/**
 * Reads Atlantis's server settings from a text in any of the three forms that Atlantis takes: variables (`ATLANTIS_PORT=4141`,
 * other variables are passed over), a command line (`atlantis server --port=4141`), or a `--config` file (YAML).
 * A value that is a list or a mapping, such as `webhooks`, comes as JSON.
 */
export const readFlags = (text: string): Parsed<readonly GivenFlag[]> => {
  const lines = text.split(/\r?\n/);
  if (lines.some((line) => VARIABLE.test(line))) return { ok: true, value: fromVariables(lines) };
  if (/(^|\s)--[a-z]/.test(text)) return fromCommandLine(text);
  return fromYaml(text);
};

const VARIABLE = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/;

const fromVariables = (lines: readonly string[]): readonly GivenFlag[] =>
  lines.flatMap((line, index) => {
    const [, name = "", value = ""] = VARIABLE.exec(line) ?? [];
    if (!name.startsWith("ATLANTIS_")) return [];
    return [
      { name: flagName(name.slice("ATLANTIS_".length)), value: unquoted(value.trim()), line: index + 1 },
    ];
  });

const unquoted = (text: string): string => /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;
const flagName = (text: string): string => text.toLowerCase().replaceAll("_", "-");

const fromCommandLine = (text: string): Parsed<readonly GivenFlag[]> => {
  const split = splitWords(text.replaceAll(/\\\r?\n/g, "  "));
  if ("error" in split)
    return {
      ok: false,
      problems: [{ path: "", message: `The command line cannot be read: ${split.error}.` }],
    };
  const words = split.words.map(({ value }) => value);
  const flags: GivenFlag[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const [, name, inline] = /^--([a-z][a-z0-9-]*)(?:=([\s\S]*))?$/.exec(words[at] ?? "") ?? [];
    if (name === undefined) continue;
    const next = words[at + 1];
    const apart = inline === undefined && next !== undefined && !next.startsWith("--") && !isSwitch(name);
    flags.push({
      name,
      value: inline ?? (apart ? words[++at] : undefined) ?? "true",
      line: lineOf(text, name),
    });
  }
  return { ok: true, value: flags };
};

/** A switch takes its value behind `=` alone, as Atlantis's flags do. */
const isSwitch = (name: string): boolean =>
  /^(allow-(draft|fork)|automerge$|autoplan-modules$|disable-(?!.*label)|discard-|enable-|fail-|gh-allow|gitlab-status|hide-|include-|parallel-(plan|apply)|pending|quiet|redis-(tls|insecure)|restrict|silence|skip|tf-download$|tfe-local|use-tf|web-basic|websocket|write)/.test(
    name,
  );

const lineOf = (text: string, name: string): number =>
  text.slice(0, Math.max(0, text.indexOf(`--${name}`))).split("\n").length;

const fromYaml = (text: string): Parsed<readonly GivenFlag[]> => {
  const read = readYaml(text, ANY_TEXT);
  if (!read.ok) return read;
  if (read.value === null) return { ok: true, value: [] };
  if (typeof read.value !== "object" || Array.isArray(read.value)) return { ok: false, problems: [NO_FORM] };
  const lines = text.split(/\r?\n/);
  return {
    ok: true,
    value: Object.entries(read.value ?? {}).map(([key, value]) => ({
      name: flagName(key),
      value: typeof value === "object" && value !== null ? JSON.stringify(value) : String(value),
      line: lines.findIndex((line) => line.replace(/^["']/, "").startsWith(key)) + 1,
    })),
  };
};

const ANY_TEXT = { additionalProperties: { type: "string" } };
const NO_FORM: ConfigProblem = {
  path: "",
  message: "Give variables (ATLANTIS_PORT=4141), a command line (--port=4141), or Atlantis's --config file.",
};

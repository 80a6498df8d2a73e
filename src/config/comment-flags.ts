import { didYouMean } from "../model/similar.ts";
import type { FlagSpec } from "./comment-grammar.ts";
import type { Word } from "./shell-words.ts";

/** A command line taken apart. `help` is set when -h or --help was met before anything wrong. */
export interface ReadFlags {
  readonly flags: Readonly<Record<string, string | true>>;
  readonly words: readonly Word[];
  /** Everything after `--`. */
  readonly extra: readonly Word[];
  readonly help: boolean;
}

/**
 * Reads flags the way Atlantis's flag parser (POSIX and GNU style) does: flags and words in any order, `--name value`,
 * `--name=value`, `-n value`, `-nvalue`, `-n=value`; the last of equal flags wins; `--` ends the flags.
 */
export const readFlags = (
  words: readonly Word[],
  specs: readonly FlagSpec[],
): ReadFlags | { readonly error: string } => {
  const flags: Record<string, string | true> = {};
  const others: Word[] = [];
  const left = [...words];
  for (let word = left.shift(); word; word = left.shift()) {
    if (word.value === "--") return { flags, words: others, extra: left, help: false };
    if (!word.value.startsWith("-") || word.value === "-") {
      others.push(word);
      continue;
    }
    const read = word.value.startsWith("--")
      ? readLong(word.value.slice(2), left, specs)
      : readShort(word.value.slice(1), left, specs);
    if (read === "help") return { flags, words: others, extra: [], help: true };
    if ("error" in read) return read;
    if (read.value === false) delete flags[read.name];
    else flags[read.name] = read.value;
  }
  return { flags, words: others, extra: [], help: false };
};

type OneFlag =
  | { readonly name: string; readonly value: string | boolean }
  | { readonly error: string }
  | "help";

const readLong = (text: string, left: Word[], specs: readonly FlagSpec[]): OneFlag => {
  if (text.startsWith("-") || text.startsWith("=")) return { error: `--${text} is no flag` };
  const equals = text.indexOf("=");
  const name = equals === -1 ? text : text.slice(0, equals);
  const given = equals === -1 ? undefined : text.slice(equals + 1);
  const spec = specs.find(({ long }) => long === name);
  if (!spec) return name === "help" ? "help" : { error: unknownFlag(`--${name}`, specs) };
  if (!spec.value) return readSwitch(spec, given);
  return withValue(spec, given ?? left.shift()?.value, `--${name}`);
};

const readShort = (text: string, left: Word[], specs: readonly FlagSpec[]): OneFlag => {
  const letter = text[0]!;
  const spec = specs.find(({ short }) => short === letter);
  if (!spec) return letter === "h" ? "help" : { error: unknownFlag(`-${text}`, specs) };
  if (text.length === 1) return withValue(spec, left.shift()?.value, `-${letter}`);
  return withValue(spec, text.length > 2 && text[1] === "=" ? text.slice(2) : text.slice(1), `-${letter}`);
};

const withValue = (spec: FlagSpec, value: string | undefined, flag: string): OneFlag =>
  value === undefined ? { error: `${flag} needs ${spec.value} after it` } : { name: spec.long, value };

const TRUE = new Set(["1", "t", "T", "true", "TRUE", "True"]);
const FALSE = new Set(["0", "f", "F", "false", "FALSE", "False"]);

const readSwitch = (spec: FlagSpec, given: string | undefined): OneFlag => {
  if (given === undefined || TRUE.has(given)) return { name: spec.long, value: true };
  if (FALSE.has(given)) return { name: spec.long, value: false };
  return { error: `--${spec.long} is on or off; \`${given}\` is neither true nor false` };
};

const unknownFlag = (flag: string, specs: readonly FlagSpec[]): string => {
  const known = specs.flatMap(({ long, short }) => [`--${long}`, ...(short ? [`-${short}`] : [])]);
  return `unknown flag ${flag}.${flag.startsWith("--") ? didYouMean(flag, known) : ""}`.replace(/\.$/, "");
};

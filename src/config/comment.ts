import { COMMANDS, type CommandName, type CommentCommand, type ParsedCommand } from "../model/command.ts";
import { didYouMean, editDistance } from "../model/similar.ts";
import { type ReadFlags, readFlags } from "./comment-flags.ts";
import { commandUsage, GRAMMAR, overallUsage, type WordCount } from "./comment-grammar.ts";
import { dirGlobProblem, hasGlob } from "./dir-glob.ts";
import { parseDuration } from "./duration.ts";
import { blockedExtraArg } from "./extra-args.ts";
import { cleanPath } from "./paths.ts";
import { splitWords, type Word } from "./shell-words.ts";
import { workspaceNameProblem } from "./workspace-name.ts";

export interface CommentOptions {
  /** First words that call us; help shows the first of them. `run` always does, as in Atlantis. */
  readonly triggerWords?: readonly string[];
  /** Our own login: `@login plan` calls us too. */
  readonly botUser?: string;
  readonly allowCommands?: readonly CommandName[];
  /** Which forge the comment stands on; decides whether a merge method can be chosen. */
  readonly forge?: "github" | "gitea" | "gitlab";
  readonly blockedExtraArgs?: readonly string[];
}

/** Where nobody configured trigger words, as on the command line: ours, and Atlantis's for those who come from there. */
export const DEFAULT_TRIGGER_WORDS: readonly string[] = ["plumbline", "atlantis"];

/**
 * Reads a pull-request comment by Atlantis's grammar: one line (blank lines around it and backticks are forgiven), a
 * trigger word, a command, flags, words, and engine flags after `--`. A comment that does not call us is `ignored`;
 * one that does, but wrongly, is an `error` that says how to write it. Never throws.
 *
 * Words are split as a shell does, without expanding anything. Addresses with keys are best put in single quotes
 * (`formalize 'aws_x.y["a b"]'`); without them their double quotes are recovered from what was typed.
 */
export const parseComment = (text: string, options: CommentOptions = {}): CommentCommand => {
  const call: Call = {
    ...options,
    triggers: (options.triggerWords ?? DEFAULT_TRIGGER_WORDS).map((word) => word.toLowerCase()),
  };
  const line = withoutEnds(trimBlank(text), (character) => character === "`");
  if (/\r?\n[^\r\n]/.test(line)) return { ignored: true };
  const first = firstWord(line);
  if (!first) return { ignored: true };
  if (!callsUs(first, call)) return nearMiss(first, call) ?? { ignored: true };
  const split = splitWords(line);
  if ("error" in split) return { error: `The command could not be read: ${split.error}.` };
  return readCommand(split.words.slice(1), call);
};

interface Call extends CommentOptions {
  readonly triggers: readonly string[];
}

// Unicode's white space, as Atlantis's language cuts it; JavaScript's \s differs in two characters.
const BLANK = /\p{White_Space}/u;
const trimBlank = (text: string): string => withoutEnds(text, (character) => BLANK.test(character));

/** A pattern that ends in `+$` is tried anew at every place of a long run within: seconds for one comment. */
const withoutEnds = (text: string, isEnd: (character: string) => boolean): string => {
  let [from, to] = [0, text.length];
  while (from < to && isEnd(text.charAt(from))) from += 1;
  while (to > from && isEnd(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
};
const firstWord = (line: string): string | undefined =>
  line.split(/\p{White_Space}+/u, 2).find((word) => word !== "");

const callsUs = (first: string, { triggers, botUser }: Call): boolean => {
  const word = first.toLowerCase();
  if (word === "run" || triggers.includes(word)) return true;
  return (
    botUser !== undefined && botUser !== "" && word === `@${botUser.replace(/\[bot\]$/, "").toLowerCase()}`
  );
};

/** Names that are ours by default; only near those is a misspelling certain enough for an answer. */
const WELL_KNOWN = ["plumbline", "atlantis"];

const nearMiss = (first: string, { triggers }: Call): CommentCommand | undefined => {
  const word = first.toLowerCase();
  const meant = triggers.find((trigger) => WELL_KNOWN.includes(trigger) && editDistance(word, trigger) < 3);
  const instead = word === "terraform" ? triggers[0] : meant;
  return instead === undefined
    ? undefined
    : { error: `Did you mean to use \`${instead}\` instead of \`${first}\`?` };
};

const readCommand = (words: readonly Word[], call: Call): CommentCommand => {
  const trigger = call.triggers[0] ?? "plumbline";
  const typed = words[0]?.value.toLowerCase();
  if (typed === undefined || typed === "") return { command: "help" };
  if (typed === "help" || typed === "-h" || typed === "--help") return helpFor(words[1]?.value.toLowerCase());
  const allowed = call.allowCommands ?? COMMANDS;
  const command = allowed.find((name) => name === typed);
  if (!command) {
    return {
      error: `Unknown command \`${typed}\`.${didYouMean(typed, allowed)}\n\n${overallUsage(trigger, allowed)}`,
    };
  }
  const read = readFlags(words.slice(1), GRAMMAR[command].flags);
  if (!("error" in read) && read.help) return helpFor(command);
  const parsed = "error" in read ? read : compose(command, read, call);
  return "error" in parsed
    ? { error: `Error: ${parsed.error}.\n\n${commandUsage(trigger, command)}` }
    : parsed;
};

const helpFor = (asked: string | undefined): ParsedCommand => {
  const about = COMMANDS.find((name) => name === asked);
  return about ? { command: "help", args: [about] } : { command: "help" };
};

type Composed = ParsedCommand | { readonly error: string };

const compose = (command: CommandName, read: ReadFlags, call: Call): Composed => {
  const args = read.words.map(wordOrAddress);
  const extraArgs = read.extra.map(wordOrAddress);
  const { dir: typedDir, workspace, project, ...flags } = read.flags as Readonly<Record<string, string>>;
  const dir = typedDir ? readDir(typedDir) : undefined;
  const problem =
    wordsProblem(command, args) ??
    extraProblem([...extraArgs, ...args], call) ??
    (dir && "error" in dir ? dir.error : undefined) ??
    targetProblem({ dir: typedDir, workspace, project }) ??
    flagsProblem(flags, call);
  if (problem) return { error: problem };
  return {
    command,
    ...(dir && "path" in dir ? { dir: dir.path } : {}),
    ...(workspace ? { workspace } : {}),
    ...(project ? { project } : {}),
    ...(Object.keys(flags).length > 0 ? { flags: flags as Readonly<Record<string, string | true>> } : {}),
    ...(args.length > 0 ? { args } : {}),
    ...(extraArgs.length > 0 ? { extraArgs } : {}),
  };
};

const KEYED_ADDRESS =
  /^(?:--?(?:target|replace|exclude)=)?[\p{L}\p{N}_.*-]+(?:\[(?:"(?:[^"\\]|\\.)*"|\d+|\*)\][\p{L}\p{N}_.*-]*)+$/u;

// A shell takes the quotes out of x["k"]; what was typed shows that an address was meant.
const wordOrAddress = ({ value, raw }: Word): string =>
  value !== raw && KEYED_ADDRESS.test(raw) ? raw : value;

const wordsProblem = (command: CommandName, args: readonly string[]): string | undefined => {
  const counts = GRAMMAR[command].words;
  if (isCount(counts)) return countProblem(counts, args);
  const names = Object.keys(counts).join(" or ");
  const subcommand = args[0];
  if (subcommand === undefined) return `\`${command}\` needs ${names} after it`;
  const count = Object.hasOwn(counts, subcommand) ? counts[subcommand] : undefined;
  return count
    ? countProblem(count, args.slice(1))
    : `\`${command}\` has no \`${subcommand}\`, only ${names}`;
};

const isCount = (counts: WordCount | Readonly<Record<string, WordCount>>): counts is WordCount =>
  Array.isArray(counts);

const countProblem = ([least, most]: WordCount, args: readonly string[]): string | undefined => {
  if (args.length > most) return `unknown argument(s): ${args.slice(most === 0 ? 0 : most).join(" ")}`;
  return args.length < least ? `too few arguments: ${least} needed, ${args.length} given` : undefined;
};

const extraProblem = (words: readonly string[], { blockedExtraArgs }: Call): string | undefined => {
  const blocked = blockedExtraArg(words, blockedExtraArgs);
  return blocked === undefined ? undefined : `flag \`${blocked}\` is not allowed in extra arguments`;
};

const readDir = (typed: string): { readonly path: string } | { readonly error: string } => {
  if (/\p{Cc}/u.test(typed)) return { error: "-d/--dir cannot hold control characters" };
  if (!hasGlob(typed)) {
    const path = cleanPath(cleanPath(typed).replace(/^\/+/, ""));
    return path.startsWith("..") ? { error: `-d/--dir \`${typed}\` leads out of the repository` } : { path };
  }
  if (typed.includes("..")) return { error: `-d/--dir \`${typed}\` cannot use \`..\` in a glob` };
  const problem = dirGlobProblem(typed);
  if (problem) return { error: `-d/--dir \`${typed}\` is no valid glob: ${problem}` };
  return { path: typed.replace(/^(?:\.?\/)+/, "") || "." };
};

const targetProblem = (target: {
  readonly dir: string | undefined;
  readonly workspace: string | undefined;
  readonly project: string | undefined;
}): string | undefined => {
  const unfit = target.workspace && workspaceNameProblem(target.workspace);
  if (unfit) return `invalid workspace \`${target.workspace}\`: it ${unfit}`;
  if (!target.project) return undefined;
  if (target.dir || target.workspace)
    return "-p/--project cannot be used together with -d/--dir or -w/--workspace";
  return /\p{Cc}/u.test(target.project) ? "-p/--project cannot hold control characters" : undefined;
};

const MERGE_METHODS = ["merge", "rebase", "squash"];

const flagsProblem = (flags: Readonly<Record<string, unknown>>, { forge }: Call): string | undefined => {
  const method = flags["auto-merge-method"];
  if (method !== undefined && flags["auto-merge-disabled"]) {
    return "--auto-merge-method cannot be used together with --auto-merge-disabled";
  }
  if (method && forge && forge !== "github") return `--auto-merge-method is not available on ${forge}`;
  if (method && !MERGE_METHODS.includes(String(method)))
    return `--auto-merge-method is one of ${MERGE_METHODS.join(", ")}`;
  const time = flags["for"];
  if (time !== undefined && parseDuration(String(time)) === undefined) {
    return `--for \`${String(time)}\` is no time such as 12h, 14d or 2w`;
  }
  return undefined;
};

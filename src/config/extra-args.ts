import type { CommandName } from "../model/command.ts";
import { cleanPath, escapes } from "./paths.ts";

/**
 * Engine flags that no comment may carry: they would leave the working folder, load other providers, or put the
 * state, the plan or the backend elsewhere. Refused while the comment is read.
 */
export const BLOCKED_EXTRA_ARGS: readonly string[] = [
  "-chdir",
  "-plugin-dir",
  "-state",
  "-state-out",
  "-backup",
  "-out",
  "-backend-config",
  "-generate-config-out",
];

/** The first word that is a blocked flag, with one dash or two, with or without `=value`. */
export const blockedExtraArg = (
  words: readonly string[],
  blocked: readonly string[] = BLOCKED_EXTRA_ARGS,
): string | undefined =>
  words.find((word) => {
    const flag = oneDash(word.split("=", 1)[0]!);
    return blocked.some((name) => oneDash(name) === flag);
  });

export type ExtraArgs =
  | { readonly ok: true; readonly args: readonly string[] }
  | { readonly ok: false; readonly message: string };

/**
 * Decides by allow list what a comment's words after `--` may say to the engine, and writes each flag as one word
 * (`-var`, `a=b` becomes `-var=a=b`), so that no value can be taken for a flag. Nothing is ever expanded.
 */
export const allowedExtraArgs = (command: CommandName, words: readonly string[]): ExtraArgs => {
  const allowed = ALLOWED[command] ?? {};
  const args: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!;
    const equals = word.indexOf("=");
    const flag = oneDash(equals === -1 ? word : word.slice(0, equals));
    const kind = allowed[flag];
    if (kind === undefined) return { ok: false, message: notAllowed(command, word, Object.keys(allowed)) };
    if (kind === "switch" && equals === -1) {
      args.push(flag);
      continue;
    }
    const value = equals === -1 ? words[++at] : word.slice(equals + 1);
    const problem = valueProblem(flag, kind, value);
    if (value === undefined || problem)
      return { ok: false, message: problem ?? `\`${flag}\` needs a value after it` };
    args.push(`${flag}=${value}`);
  }
  return { ok: true, args };
};

type Kind = "switch" | "count" | "duration" | "file" | "text";

const QUIET: Readonly<Record<string, Kind>> = {
  "-compact-warnings": "switch",
  "-no-color": "switch",
  "-parallelism": "count",
  "-lock-timeout": "duration",
};
const VARIABLES: Readonly<Record<string, Kind>> = { "-var": "text", "-var-file": "file" };

const ALLOWED: Readonly<Partial<Record<CommandName, Readonly<Record<string, Kind>>>>> = {
  plan: {
    ...QUIET,
    ...VARIABLES,
    "-target": "text",
    "-exclude": "text",
    "-replace": "text",
    "-refresh": "switch",
    "-refresh-only": "switch",
    "-destroy": "switch",
  },
  apply: QUIET,
  import: { ...QUIET, ...VARIABLES },
  state: { "-lock-timeout": "duration" },
};

const notAllowed = (command: CommandName, word: string, allowed: readonly string[]): string => {
  if (allowed.length === 0) return `\`${command}\` takes no engine flags, so nothing may follow \`--\``;
  const plans = command === "apply" && ALLOWED.plan?.[oneDash(word.split("=", 1)[0]!)];
  const why = plans
    ? "an apply carries out a saved plan, so give this to `plan`"
    : "it is not on the list of allowed engine flags";
  return `\`${word}\` is refused: ${why}. Allowed here: ${allowed.join(", ")}`;
};

const valueProblem = (flag: string, kind: Kind, value: string | undefined): string | undefined => {
  if (value === undefined) return undefined;
  if (/\p{Cc}/u.test(value)) return `\`${flag}\` holds a control character`;
  if (kind === "switch" && value !== "true" && value !== "false") return `\`${flag}\` is true or false`;
  if (kind === "count" && !/^[1-9]\d{0,2}$/.test(value)) return `\`${flag}\` is a number from 1 to 999`;
  if (kind === "duration" && !/^\d{1,4}(s|m|h)$/.test(value))
    return `\`${flag}\` is a time such as 30s or 5m`;
  if (kind === "file" && escapes(cleanPath(value)))
    return `\`${flag}\` must name a file inside the repository`;
  return undefined;
};

const oneDash = (flag: string): string => (flag.startsWith("--") ? flag.slice(1) : flag);

import { COMMANDS, type CommandName } from "../model/command.ts";

export interface FlagSpec {
  readonly long: string;
  readonly short?: string;
  /** What stands after the flag, as usage names it; left out where the flag stands alone. */
  readonly value?: string;
  readonly about: string;
}

export interface CommandSpec {
  /** Words before and after the flags, as usage writes them: `ADDRESS ID`. */
  readonly takes: string;
  readonly about: string;
  readonly flags: readonly FlagSpec[];
  /** Fewest and most words that are no flags; for commands with a subcommand, of each subcommand. */
  readonly words: WordCount | Readonly<Record<string, WordCount>>;
}
export type WordCount = readonly [least: number, most: number];

const DIR: FlagSpec = {
  long: "dir",
  short: "d",
  value: "DIR",
  about: "the workspace in this folder, from the root of the repository",
};
const WORKSPACE: FlagSpec = {
  long: "workspace",
  short: "w",
  value: "NAME",
  about: "the workspace with this engine workspace name",
};
const PROJECT: FlagSpec = {
  long: "project",
  short: "p",
  value: "NAME",
  about: "the project with this name in the configuration; not together with -d or -w",
};
const VERBOSE: FlagSpec = { long: "verbose", about: "append the log to the answer" };
const TARGET = [DIR, WORKSPACE, PROJECT, VERBOSE];

const NONE: WordCount = [0, 0];
const ANY: WordCount = [0, Number.POSITIVE_INFINITY];

/** What each command takes; order and names are Atlantis's where Atlantis has the command. */
export const GRAMMAR: Readonly<Record<CommandName, CommandSpec>> = {
  plan: {
    takes: "[-- ENGINE FLAGS]",
    about: "plan what this pull request changes, or the named workspace",
    flags: TARGET,
    words: NONE,
  },
  apply: {
    takes: "[-- ENGINE FLAGS]",
    about: "apply the plans of this pull request, or of the named workspace",
    flags: [
      ...TARGET,
      {
        long: "revert-drift",
        about: "allow this plan to change the values with open drift findings that its comment lists",
      },
      {
        long: "override-freeze",
        value: "REASON",
        about:
          "apply this plan although applies are frozen or its window is closed; recorded with the reason",
      },
      { long: "auto-merge-disabled", about: "do not merge the pull request afterwards" },
      {
        long: "auto-merge-method",
        value: "METHOD",
        about: "how to merge it afterwards: merge, rebase or squash",
      },
    ],
    words: NONE,
  },
  unlock: {
    takes: "",
    about: "release all locks of this pull request and discard its plans",
    flags: [{ long: "reason", value: "TEXT", about: "why, for those who ask later" }],
    words: NONE,
  },
  cancel: {
    takes: "",
    about: "drop what is queued for this pull request; what runs goes on",
    flags: [],
    words: NONE,
  },
  drift: { takes: "", about: "look for drift now", flags: TARGET, words: NONE },
  formalize: {
    takes: "[ADDRESS...]",
    about: "write the drift into the code, all of it or of these addresses",
    flags: [
      ...TARGET,
      {
        long: "id",
        value: "ID",
        about: "write what was made by hand as the new resource ADDRESS: an import block, proven",
      },
    ],
    words: ANY,
  },
  revert: {
    takes: "[ADDRESS...]",
    about:
      "undo the drift, all of it or of these addresses: the code is applied as it is; of a database, by a migration",
    flags: TARGET,
    words: ANY,
  },
  ignore: {
    takes: "ADDRESS[.PATH]...",
    about: "leave this drift alone",
    flags: [
      ...TARGET,
      { long: "for", value: "TIME", about: "how long: 12h, 14d, 2w" },
      { long: "reason", value: "TEXT", about: "why, for those who ask later" },
    ],
    words: [1, Number.POSITIVE_INFINITY],
  },
  approve: {
    takes: "DIGEST",
    about: "approve the plan with this digest, where it differs from what was reviewed",
    flags: TARGET,
    words: [1, 1],
  },
  approve_policies: {
    takes: "",
    about: "approve the policy failures of this pull request",
    flags: [
      ...TARGET,
      { long: "policy-set", value: "NAME", about: "only those of this policy set" },
      { long: "clear-policy-approval", about: "take earlier approvals back" },
    ],
    words: NONE,
  },
  import: {
    takes: "ADDRESS ID [-- ENGINE FLAGS]",
    about: "take an existing object into the state",
    flags: TARGET,
    words: [2, 2],
  },
  state: {
    takes: "rm ADDRESS... [-- ENGINE FLAGS] | push | abandon",
    about: "forget objects in the state; push the state that an apply could not store, or give it up",
    flags: [
      ...TARGET,
      { long: "reason", value: "TEXT", about: "why the rescued state is given up; it is recorded" },
    ],
    words: { rm: [1, Number.POSITIVE_INFINITY], push: NONE, abandon: NONE },
  },
  "force-unlock": {
    takes: "ID",
    about: "remove the engine's own lock with this id",
    flags: TARGET,
    words: [1, 1],
  },
  migrate: {
    takes: "resume | repair | compensate",
    about: "decide what becomes of an SQL migration that failed half-way",
    flags: TARGET,
    words: { resume: NONE, repair: NONE, compensate: NONE },
  },
  backfill: {
    takes: "pause | resume | retry | cancel | status [NAME]",
    about: "hold, go on with, or ask about what changes data in batches",
    flags: [
      ...TARGET,
      {
        long: "override-freeze",
        value: "REASON",
        about:
          "with resume: go on although applies are frozen or the window is closed; recorded with the reason",
      },
    ],
    words: { pause: [0, 1], resume: [0, 1], retry: [0, 1], cancel: [0, 1], status: [0, 1] },
  },
  help: { takes: "[COMMAND]", about: "show this", flags: [], words: ANY },
  version: { takes: "", about: "show which engine a workspace uses", flags: TARGET, words: NONE },
};

/** The help of one command, as plain lines. */
export const commandUsage = (trigger: string, command: CommandName): string => {
  const { takes, flags } = GRAMMAR[command];
  const line = ["Usage:", trigger, command, flags.length > 0 ? "[flags]" : "", takes]
    .filter(Boolean)
    .join(" ");
  const titles = flags.map(flagTitle);
  const width = Math.max(0, ...titles.map((title) => title.length));
  return [line, ...flags.map(({ about }, index) => `  ${titles[index]!.padEnd(width)}  ${about}`)].join("\n");
};

/** The help of all commands that are allowed, as plain lines. */
export const overallUsage = (trigger: string, allowed: readonly CommandName[] = COMMANDS): string => {
  const shown = allowed.map((command) => ({
    title: `${command} ${GRAMMAR[command].takes}`.trim(),
    about: GRAMMAR[command].about,
  }));
  const width = Math.max(0, ...shown.map(({ title }) => title.length));
  return [
    `Usage: ${trigger} COMMAND [flags] [-- ENGINE FLAGS]`,
    "",
    ...shown.map(({ title, about }) => `  ${title.padEnd(width)}  ${about}`),
    "",
    `\`${trigger} COMMAND --help\` lists the flags of a command. Quote addresses that hold blanks: '${'aws_x.y["a b"]'}'.`,
  ].join("\n");
};

const flagTitle = ({ short, long, value }: FlagSpec): string =>
  `${short ? `-${short}, ` : "    "}--${long}${value ? ` ${value}` : ""}`;

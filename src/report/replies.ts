import { sentence } from "./escape.ts";

/** The answer to `help`. */
export const helpText = (trigger: string): string =>
  [
    `Comment one of these on a pull request. \`-d DIR\`, \`-w NAME\` or \`-p PROJECT\` after it names one workspace.`,
    "",
    "| command | does |",
    "|---|---|",
    ...COMMANDS.map(([words, does]) => `| \`${trigger} ${words}\` | ${does} |`),
  ].join("\n");

const COMMANDS: readonly (readonly [string, string])[] = [
  ["plan", "plans again: every workspace that this pull request touches"],
  ["apply", "applies what was reviewed, where the workspace applies on comment or an apply was stopped"],
  ["apply --revert-drift", "the same, and undoes the live changes that the comment lists"],
  ["approve DIGEST", "approves exactly that plan; not for whoever wrote or pushed it"],
  ["unlock", "gives up this pull request's locks and plans"],
  ["cancel", "stops queued and running plans; never an apply"],
  ["drift", "looks for drift now"],
  ["formalize", "on a drift pull request: merges it once its plan is empty"],
  [
    "formalize ADDRESS",
    "on a drift pull request: makes its branch hold that edit alone; the rest stays open",
  ],
  ["revert [ADDRESS]", "undoes drift: applies the code as it is on the deploy branch"],
  ["ignore ADDRESS.PATH --for 14d --reason TEXT", "on a drift pull request: ignores one drift for a time"],
  ["state push", "writes the state that an apply could not save, and unfreezes the workspace"],
  ["state abandon --reason TEXT", "gives that state up where another push overtook it; it is recorded"],
  ["force-unlock ID", "removes a stale lock of the engine's state"],
  [
    "migrate resume|repair|compensate",
    "after an SQL migration that failed half-way: goes on, forgets it, or takes it back",
  ],
  ["help", "shows this"],
  ["version", "shows the versions of Plumbline and the engine"],
];

/** The answer to a comment that was meant as a command and is none. */
export const commandError = (message: string, trigger = "plumbline"): string =>
  `That did not work: ${sentence(message)}\n\nComment \`${trigger} help\` for the commands.`;

/** A pull-request comment, understood. The JSON of `plumbline command TEXT` is this, field for field. */
export type CommentCommand = ParsedCommand | { readonly error: string } | { readonly ignored: true };

export const COMMANDS = [
  "plan",
  "apply",
  "unlock",
  "cancel",
  "drift",
  "formalize",
  "revert",
  "ignore",
  "approve",
  "approve_policies",
  "import",
  "state",
  "force-unlock",
  "migrate",
  "backfill",
  "help",
  "version",
] as const;
export type CommandName = (typeof COMMANDS)[number];

export interface ParsedCommand {
  readonly command: CommandName;
  readonly dir?: string;
  readonly workspace?: string;
  readonly project?: string;
  /** Flags other than -d -w -p, without dashes: `revert-drift` -> true, `for` -> "14d". */
  readonly flags?: Readonly<Record<string, true | string>>;
  /** Words that are no flags: addresses, a digest, a lock id. */
  readonly args?: readonly string[];
  /** Everything after `--`, for the engine, by allow list. */
  readonly extraArgs?: readonly string[];
}

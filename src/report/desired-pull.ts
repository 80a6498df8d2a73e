import type { MigrationProposal } from "../model/migration-proposal.ts";
import { driftBranch } from "./drift-pull.ts";
import { code, plain } from "./escape.ts";

export interface DesiredView {
  /** Workspace key. */
  readonly workspace: string;
  readonly dir: string;
  /** The desired schema's file, as the repository names it. */
  readonly desired: string;
  readonly proposal: MigrationProposal;
}

/** The branch that holds the next migration to a workspace's desired schema. */
export const desiredBranch = (workspace: string): string =>
  driftBranch(workspace).replace("plumbline/drift/", "plumbline/desired/");

export const desiredPullTitle = ({ dir, desired }: DesiredView): string =>
  `Migrate ${dir} to ${desired}`.replaceAll(/\s+/g, " ").slice(0, 200);

const MOST = 30;

/** The pull request's text: what it holds, what was proven, what goes, and what only a person knows. Deterministic. */
export const desiredPullBody = ({ workspace, desired, proposal }: DesiredView): string => {
  const { class: worst, destroys, findings, renames, unwritten } = proposal;
  return [
    `${code(desired)} says what the schema of ${code(workspace)} is to be, and the migrations do not make it yet. This branch holds the next one.`,
    "",
    "Proven on two databases of its own: the migrations with this one make exactly that schema" +
      (unwritten.length > 0 ? ", but for what is told below." : "."),
    "",
    `Class ${worst}. It is planned, rehearsed, approved and run like every other migration, and nothing is done before it is merged.`,
    ...section("Goes, with what it holds:", destroys.map(plain)),
    ...section(
      "What its statements do:",
      findings.map(
        ({ file, line, rule, message }) => `${code(`${file}:${line}`)} ${code(rule)}: ${plain(message)}`,
      ),
    ),
    ...section(
      "Is this a new name? Then write the statement by hand instead, and the next look starts from there:",
      renames.map(
        ({ address, from, to, sql }) => `${code(address)}, ${code(from)} to ${code(to)}: ${code(sql)}`,
      ),
    ),
    ...section(
      "Not written, since nobody but a person can:",
      unwritten.map(
        ({ address, path, why }) => `${code(path === "" ? address : `${address} ${path}`)}: ${plain(why)}`,
      ),
    ),
    "",
    "This pull request is kept up to date while nobody else pushes to its branch, and closes by itself once the migrations make that schema. Close it, and it stays closed until the migration would be another one.",
  ].join("\n");
};

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0
    ? []
    : [
        "",
        `**${title}**`,
        "",
        ...lines.slice(0, MOST).map((line) => `- ${line}`),
        ...(lines.length > MOST ? [`- and ${lines.length - MOST} more`] : []),
      ];

export const DESIRED_REACHED = "Closed: the migrations make the desired schema.";

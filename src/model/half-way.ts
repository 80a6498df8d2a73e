import { HALF_WAY } from "./migration.ts";

/** A comment that ends a freeze, and what it does. */
export interface WayOut {
  /** To be copied as it is, into a comment on the pull request. */
  readonly command: string;
  readonly does: string;
}

/** What a person may comment after a migration failed half-way; `place` is the workspace, left out where the pull request tells. */
export const waysOutOfHalfWay = (
  trigger: string,
  place: { readonly dir: string; readonly name: string } | null = null,
): readonly WayOut[] => {
  const at = place === null ? "" : ` -d ${place.dir}${place.name === "default" ? "" : ` -w ${place.name}`}`;
  return WAYS.map(([way, does]) => ({ command: `${trigger} migrate ${way}${at}`, does }));
};

const WAYS = [
  ["resume", "goes on after what is done"],
  ["repair", "once the database was put right by hand: the failed row goes, and the file runs again"],
  ["compensate", "runs the .compensate file beside the migration"],
] as const;

/** The same as one sentence. */
export const waysOutText = (...asked: Parameters<typeof waysOutOfHalfWay>): string =>
  `Somebody with \`maintain\` permission comments on the pull request: ${waysOutOfHalfWay(...asked)
    .map(({ command, does }) => `\`${command}\` (${does})`)
    .join(", ")}.`;

/** Why a workspace is frozen, for people. */
export const frozenText = (why: string): string => (why === HALF_WAY ? "a migration failed half-way" : why);

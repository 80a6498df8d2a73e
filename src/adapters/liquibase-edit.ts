import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import type { Changeset } from "../migration/liquibase-sql.ts";
import {
  CHANGESET_AUTHOR,
  formattedSql,
  nextChangelogName,
  type WrittenChangeset,
  withInclude,
} from "../migration/liquibase-write.ts";
import type { ProposedScript } from "../migration/propose.ts";
import { PlumblineError } from "../model/errors.ts";
import type { ProposedFile } from "../model/migration-proposal.ts";
import type { MigrationCall } from "../ports/migrations.ts";
import { allChangesets, changelogOf } from "./liquibase-command.ts";
import { inEmptyFolder, type MigrationProgram } from "./migration-program.ts";
import type { WrittenMigrations } from "./pg-propose-folder.ts";

export interface ChangelogEdit {
  readonly program: MigrationProgram;
  readonly call: MigrationCall;
  /** Major version of the server that they are for. */
  readonly version: number;
  /** Everything that the changelog holds now. */
  readonly all: readonly Changeset[];
  readonly now: Date;
}

/**
 * Puts changesets at the end of a changelog: into a root of formatted SQL, into a folder that is included as a whole, or
 * as an include of the root. A way counts only where Liquibase itself, on a copy of the folder, reads everything that
 * was there unchanged, and behind it these.
 */
export const writeChangesets = async (
  edit: ChangelogEdit,
  scripts: readonly ProposedScript[],
): Promise<WrittenMigrations> => {
  const changesets = scripts.map(({ path: id, text, alone }) => ({ id, text, alone }));
  let refused = "the root changelog is no plain list that one more include can be added to";
  for (const files of await waysOf(edit, changesets)) {
    const read = await readBack(edit, changesets, files);
    if (typeof read !== "string") return { files, scripts: read, refused: null };
    refused = read;
  }
  return { files: [], scripts: [], refused };
};

const waysOf = async (
  { call, all, now }: ChangelogEdit,
  changesets: readonly WrittenChangeset[],
): Promise<readonly (readonly ProposedFile[])[]> => {
  const root = await changelogOf(call);
  const text = await readFile(join(call.dir, root), "utf8");
  if (/\.sql$/i.test(root)) return [[{ path: root, text: formattedSql(changesets, text), replaces: true }]];
  const last = all.at(-1)?.file ?? root;
  const beside = last === root ? posix.join(posix.dirname(root), CHANGESET_AUTHOR) : posix.dirname(last);
  const apart = posix.join(posix.dirname(root), CHANGESET_AUTHOR);
  const ways: (readonly ProposedFile[])[] = [];
  if (last !== root) ways.push([await fileIn(call, beside, changesets, now)]);
  for (const folder of new Set([beside, apart])) {
    const file = await fileIn(call, folder, changesets, now);
    const edited = withInclude(root, text, posix.relative(posix.dirname(root), file.path));
    if (edited !== null) ways.push([file, { path: root, text: edited, replaces: true }]);
  }
  return ways;
};

const fileIn = async (
  { dir }: MigrationCall,
  folder: string,
  changesets: readonly WrittenChangeset[],
  now: Date,
): Promise<ProposedFile> => {
  const names = await readdir(join(dir, folder)).catch(() => []);
  const name = nextChangelogName(names, changesets[0]?.id ?? "", now);
  return { path: posix.join(folder, name), text: formattedSql(changesets), replaces: false };
};

/** What Liquibase makes of the edited folder; a text says why it is of no use. */
const readBack = (
  { program, call, version, all }: ChangelogEdit,
  changesets: readonly WrittenChangeset[],
  files: readonly ProposedFile[],
): Promise<WrittenMigrations["scripts"] | string> =>
  inEmptyFolder(async (folder) => {
    const dir = join(folder, "changelog");
    await cp(call.dir, dir, { recursive: true, verbatimSymlinks: true });
    for (const { path, text } of files) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await writeFile(join(dir, path), text);
    }
    const read = await allChangesets(program, { ...call, dir }, version).catch((thrown: unknown) => {
      if (thrown instanceof PlumblineError && thrown.code === "sql-invalid") return thrown.message;
      throw thrown;
    });
    if (typeof read === "string") return `Liquibase does not take the edited changelog: ${read}`;
    const before = read.slice(0, all.length);
    const added = read.slice(all.length);
    const kept = before.every((one, index) => keyOf(one) === keyOf(all[index]));
    const ours = added.map(({ id, author }) => `${author}:${id}`).join("\n");
    if (!kept || ours !== changesets.map(({ id }) => `${CHANGESET_AUTHOR}:${id}`).join("\n"))
      return "the changesets would not come behind all others in the changelog's order";
    return added.map(({ script, sql }) => ({ path: script, text: sql }));
  });

const keyOf = (changeset: Changeset | undefined): string => `${changeset?.script} ${changeset?.checksum}`;

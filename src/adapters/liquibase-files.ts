import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ChangesetFacts, changesetFacts } from "../migration/liquibase-changelog.ts";
import type { Changeset } from "../migration/liquibase-sql.ts";

/** What the files of a folder say of its changesets. */
export interface ChangelogFiles {
  /** Null: whether it may run without a transaction is not known. */
  readonly outside: (changeset: Changeset) => boolean | null;
  /** Null where nobody can tell which words of the files are about it. */
  readonly facts: (changeset: Changeset) => ChangesetFacts | null;
}

/** Reads every file below a folder. */
export const readChangelogFiles = async (dir: string): Promise<ChangelogFiles> => {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const known = new Map<string, ChangesetFacts>();
  let mentioned = false;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const text = await readFile(join(entry.parentPath, entry.name), "utf8").catch(() => null);
    // What cannot be read counts as one that says it.
    if (text === null || /runInTransaction/i.test(text)) mentioned = true;
    for (const one of changesetFacts(entry.name, text ?? "")) {
      const other = known.get(keyOf(one));
      const outside = one.outside || other?.outside === true;
      known.set(keyOf(one), { ...one, outside, asks: one.asks || other?.asks === true });
    }
  }
  const facts = (changeset: Changeset) => known.get(keyOf(changeset)) ?? null;
  return { facts, outside: (changeset) => (mentioned ? (facts(changeset)?.outside ?? null) : false) };
};

// Files may call themselves otherwise (logicalFilePath), changesets may not.
const keyOf = ({ id, author }: Pick<ChangesetFacts, "id" | "author">): string => JSON.stringify([id, author]);

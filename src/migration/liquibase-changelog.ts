import { parseAllDocuments } from "yaml";

/** What a changelog says of a changeset beside its SQL. */
export interface ChangesetFacts {
  readonly id: string;
  readonly author: string;
  /** It may run without a transaction. */
  readonly outside: boolean;
  /** It has preconditions, which Liquibase asks only when it runs. */
  readonly asks: boolean;
}

/** Of the changesets in one file, in whichever of Liquibase's forms; those that cannot be read are left out. */
export const changesetFacts = (path: string, text: string): readonly ChangesetFacts[] => {
  if (/\.sql$/i.test(path)) return inSql(text);
  if (/\.xml$/i.test(path)) return inXml(text);
  return /\.(ya?ml|json)$/i.test(path) ? inDocuments(text) : [];
};

// No two parts of it can match the same spaces, so that a long line takes no long time.
const HEADER = /^\s*--\s*changeset(?:\s+"([^"]+)"|\s([^:"]+)):\s*("[^"]+"|\S+)(.*)$/i;

const inSql = (text: string): readonly ChangesetFacts[] => {
  const found: { id: string; author: string; outside: boolean; asks: boolean }[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, quoted, plain, id, more = ""] = HEADER.exec(line) ?? [];
    const author = quoted ?? plain?.trim();
    const last = found.at(-1);
    if (author !== undefined && id !== undefined)
      found.push({ id: bare(id), author, outside: isOutside(more), asks: false });
    else if (last && /^\s*--\s*preconditions?\b/i.test(line)) last.asks = true;
  }
  return found;
};

const bare = (name: string): string => name.replaceAll('"', "");

// Whatever is not plainly `true` may come to be false, such as a parameter.
const isOutside = (attributes: string): boolean =>
  /\brunInTransaction\b/i.test(
    attributes.replaceAll(/\brunInTransaction\s*[:=]\s*"?true"?(?=\s|$|\/)/gi, ""),
  );

const inXml = (text: string): readonly ChangesetFacts[] =>
  [...text.matchAll(/<(?:\w+:)?changeSet\b([^<>]*)>([\s\S]*?)(?:<\/(?:\w+:)?changeSet\s*>|$)/g)].flatMap(
    ([, attributes = "", body = ""]) => {
      const [id, author] = [attributeIn(attributes, "id"), attributeIn(attributes, "author")];
      if (id === null || author === null) return [];
      return [{ id, author, outside: isOutside(attributes), asks: /<(?:\w+:)?preConditions\b/.test(body) }];
    },
  );

const attributeIn = (attributes: string, name: string): string | null => {
  const [, double, single] = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes) ?? [];
  return double ?? single ?? null;
};

const MOST_ALIASES = 100;

const inDocuments = (text: string): readonly ChangesetFacts[] => {
  try {
    const documents = parseAllDocuments(text, { logLevel: "silent", prettyErrors: false });
    if (!Array.isArray(documents)) return [];
    return documents.flatMap((document) => changesetsIn(document.toJS({ maxAliasCount: MOST_ALIASES })));
  } catch {
    return [];
  }
};

const changesetsIn = (document: unknown): readonly ChangesetFacts[] =>
  listOf(fieldOf(document, "databaseChangeLog")).flatMap((entry) => {
    const changeset = fieldOf(entry, "changeSet");
    const [id, author] = [fieldOf(changeset, "id"), fieldOf(changeset, "author")];
    if (id === undefined || author === undefined) return [];
    const run = fieldOf(changeset, "runInTransaction");
    const asks = JSON.stringify(changeset).includes('"preConditions"');
    return [{ id: String(id), author: String(author), outside: run !== undefined && run !== true, asks }];
  });

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

import { createHash } from "node:crypto";
import type { SurfaceItem } from "./surface-item.ts";

/** One file below a folder of migrations, as Git holds it. */
export interface MigrationSource {
  /** From the root of the repository. */
  readonly path: string;
  readonly kind: "file" | "executable" | "symlink" | "submodule";
  /** Empty where it is no file. */
  readonly bytes: Uint8Array;
}

/**
 * What Flyway or Liquibase would run of a folder besides SQL: commands and classes of changelogs, script migrations and
 * callbacks, compiled code; and what cannot be judged before it is checked out. The rest of what they run is SQL.
 */
export const migrationPrograms = (sources: readonly MigrationSource[]): readonly SurfaceItem[] => {
  const whole = digest(sources.map(({ path, bytes }) => `${path} ${digest(bytes)}`).join("\n"));
  return sources.flatMap((source) => itemsOf(source, whole));
};

const itemsOf = (source: MigrationSource, whole: string): readonly SurfaceItem[] => {
  const { path, kind, bytes } = source;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const one = (what: string): readonly SurfaceItem[] => [itemOf(path, null, what, digest(bytes))];
  if (kind === "symlink" || kind === "submodule")
    return one(`a ${kind}, behind which nobody looks before it runs`);
  if (COMPILED.test(name)) return one("compiled code beside migrations");
  if (isScript(name)) return one(`the script ${name}, which Flyway runs`);
  if (!CHANGELOG.test(name)) return [];
  const text = new TextDecoder().decode(bytes);
  if (text.startsWith("version https://git-lfs")) return one("a file that Git LFS holds");
  // Other encodings are read by the tools, and not by us.
  if (/[\0\ufffd]/.test(text)) return one("a file that is no UTF-8 text");
  return inText(path, text, whole);
};

const COMPILED = /\.(class|jar|war|zip|groovy|kts?|java)$/i;
const CHANGELOG = /\.(xml|ya?ml|json|sql)$/i;
const SCRIPT = /\.(sh|bash|bat|cmd|ps1|psm1|py|rb|js)$/i;
// Names of versioned, undo, repeatable and baseline migrations, and of the events of callbacks.
const isScript = (name: string): boolean =>
  SCRIPT.test(name) && /^([VUB][^_].*__|R__|before[A-Z]|after[A-Z]|createSchema)/i.test(name);

const PROGRAMS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/\bexecuteCommand\b/gi, "executeCommand runs a program"],
  [/\bcustomChange\b/gi, "customChange runs Java"],
  [/\bcustomPrecondition\b/gi, "customPrecondition runs Java"],
  [/\brunWith\b(?!["']?\s*[:=]\s*["']?jdbc\b)/gi, "runWith starts another program"],
  [/<!(?:DOCTYPE|ENTITY)\b/gi, "a document type, by which a text may be put together"],
];
const IN_SQL = [
  /^\s*--\s*changeset\b.*\brunWith\s*:(?!\s*"?jdbc\b)/gim,
  "runWith starts another program",
] as const;

const inText = (path: string, given: string, whole: string): readonly SurfaceItem[] => {
  const isSql = /\.sql$/i.test(path);
  const text = isSql ? given : unescaped(given);
  return (isSql ? [IN_SQL] : PROGRAMS).flatMap(([pattern, what]) =>
    [...text.matchAll(pattern)].map(({ index }) => {
      const own = changesetAround(text, index);
      // A parameter's value may stand in any file.
      const key = own.includes("${") ? whole : digest(own);
      return itemOf(path, text.slice(0, index).split("\n").length, what, key);
    }),
  );
};

/** JSON and YAML may write any letter of a word by its number, and fold it over lines. */
const unescaped = (text: string): string =>
  text
    .replaceAll(/\\\r?\n[ \t]*/g, "")
    .replaceAll(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))/gi, (all, x, u, wide) => {
      const code = Number.parseInt(x ?? u ?? wide, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    });

const changesetAround = (text: string, index: number): string => {
  const marks = [...text.matchAll(/changeset/gi)].map((mark) => mark.index);
  const from = marks.findLast((mark) => mark <= index) ?? 0;
  return text.slice(from, marks.find((mark) => mark > index) ?? text.length).trim();
};

const itemOf = (path: string, line: number | null, what: string, key: string): SurfaceItem => ({
  check: "programs",
  key: `programs:${what}:${key}`,
  path,
  start: null,
  line,
  what,
});

const digest = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

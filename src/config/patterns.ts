import { type GlobToken, matchesGlob, readClass } from "./glob.ts";
import { cleanPath, joinPath } from "./paths.ts";

/**
 * Patterns in the syntax of .dockerignore, as `when_modified` and Atlantis use them: `*` and `?` stay inside one
 * folder, `**` crosses folders, `!` takes back what an earlier pattern matched, and a pattern that matches a folder
 * matches everything in it. The order of the patterns decides.
 */
export interface PatternMatcher {
  /** Whether the last pattern that had a say on this path (or on a folder that it lies in) took it in. */
  matches(path: string): boolean;
  /** Whether a `!` pattern has the last word on this path, be it matched otherwise or not. */
  excludes(path: string): boolean;
}

export type CompiledPatterns =
  | { readonly ok: true; readonly matcher: PatternMatcher }
  | { readonly ok: false; readonly pattern: string; readonly message: string };

/** Compiles patterns relative to the repository's root. Empty ones are skipped; a malformed one is named. */
export const compilePatterns = (patterns: readonly string[]): CompiledPatterns => {
  const rules: Rule[] = [];
  for (const pattern of patterns) {
    const rule = compile(pattern);
    if (typeof rule === "string") return { ok: false, pattern, message: rule };
    if (rule) rules.push(rule);
  }
  return { ok: true, matcher: matcherOf(rules) };
};

/** Puts patterns that are relative to a folder (`../modules/**`, `!old/*`) in relation to the repository's root. */
export const patternsUnder = (dir: string, patterns: readonly string[]): readonly string[] =>
  patterns.map((pattern) => {
    const trimmed = pattern.trim();
    return trimmed.startsWith("!") ? `!${joinPath(dir, trimmed.slice(1))}` : joinPath(dir, trimmed);
  });

interface Rule {
  readonly excludes: boolean;
  readonly covers: (path: string) => boolean;
}

const matcherOf = (rules: readonly Rule[]): PatternMatcher => {
  // A rule is asked only where it could turn the verdict, as Docker does.
  const verdict = (path: string, initially: boolean): boolean =>
    rules.reduce(
      (matched, rule) => (rule.excludes === matched && rule.covers(path) ? !matched : matched),
      initially,
    );
  return { matches: (path) => verdict(path, false), excludes: (path) => !verdict(path, true) };
};

const compile = (pattern: string): Rule | string | undefined => {
  const trimmed = pattern.trim();
  if (trimmed === "") return undefined;
  const cleaned = cleanPath(trimmed);
  if (cleaned === "!") return "a `!` needs a pattern after it";
  const excludes = cleaned.startsWith("!");
  const body = excludes ? cleaned.slice(1) : cleaned;
  const tokens = tokenize(body);
  if (typeof tokens === "string") return tokens;
  // Most patterns begin with the folder of their workspace: that alone sorts out most paths, at no cost.
  const start = plainStart(tokens);
  return { excludes, covers: (path) => path.startsWith(start) && matchesGlob(tokens, path, true) };
};

const plainStart = (tokens: readonly GlobToken[]): string => {
  const wild = tokens.findIndex(({ kind }) => kind !== "literal");
  return (wild === -1 ? tokens : tokens.slice(0, wild))
    .map((token) => (token.kind === "literal" ? token.character : ""))
    .join("");
};

const tokenize = (pattern: string): GlobToken[] | string => {
  const characters = Array.from(pattern);
  const tokens: GlobToken[] = [];
  for (let at = 0; at < characters.length; ) {
    const read = readToken(characters, at);
    if (typeof read === "string") return read;
    tokens.push(read.token);
    at = read.end;
  }
  return looseTail(characters, tokens);
};

const readToken = (
  characters: readonly string[],
  at: number,
): { readonly token: GlobToken; readonly end: number } | string => {
  const character = characters[at]!;
  if (character === "*") return readStars(characters, at);
  if (character === "?") return { token: { kind: "one" }, end: at + 1 };
  if (character === "[") return readBrackets(characters, at);
  if (character !== "\\") return { token: { kind: "literal", character }, end: at + 1 };
  const escaped = characters[at + 1];
  if (escaped === undefined) return "a backslash at the end escapes nothing";
  return { token: { kind: "literal", character: escaped }, end: at + 2 };
};

const readStars = (characters: readonly string[], at: number): { token: GlobToken; end: number } => {
  if (characters[at + 1] !== "*") return { token: { kind: "many" }, end: at + 1 };
  const end = characters[at + 2] === "/" ? at + 3 : at + 2;
  return { token: { kind: end >= characters.length ? "rest" : "folders" }, end };
};

const readBrackets = (
  characters: readonly string[],
  at: number,
): { token: GlobToken; end: number } | string => {
  const read = readClass(characters, at, { negations: "^", slash: true });
  if (!read) return "a `[` class is not closed, is empty or has a stray `-`";
  const reversed = read.token.ranges.find(([from, to]) => from > to);
  return reversed ? `the range ${reversed.join("-")} runs backwards` : read;
};

// `**name` with nothing but plain characters after the stars matches any path that ends so, even `my-name`.
const looseTail = (characters: readonly string[], tokens: GlobToken[]): GlobToken[] => {
  const [first, ...others] = tokens;
  const loose = first?.kind === "folders" && characters[2] !== "/" && !characters.includes("\\");
  return loose && others.every(({ kind }) => kind === "literal") ? [{ kind: "rest" }, ...others] : tokens;
};

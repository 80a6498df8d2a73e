import { type GlobToken, matchesGlob, readClass } from "./glob.ts";

/**
 * Globs over folders, for `dir:` and `-d`: `*` and `?` inside one name, `**` as a whole name for any number of
 * folders, `[a-z]` (`[!a]` and `[^a]` negate), `{a,b}` for either.
 */
export const hasGlob = (text: string): boolean => /[*?[]/.test(text);

/** Why the glob cannot be read, `undefined` when it can. */
export const dirGlobProblem = (glob: string): string | undefined => {
  const alternatives = expand(glob);
  if (alternatives === undefined)
    return `a \`{\` is never closed, or the glob is longer than ${LONGEST_GLOB} characters`;
  if (alternatives.length > MOST_ALTERNATIVES) return `it stands for more than ${MOST_ALTERNATIVES} globs`;
  return alternatives.some((alternative) => tokenize(alternative) === undefined)
    ? "a `[` class is not closed, or a backslash stands at the end"
    : undefined;
};

/** Whether the glob covers the folder. A glob that cannot be read covers nothing. */
export const matchesDir = (glob: string, dir: string): boolean =>
  (expand(glob) ?? []).slice(0, MOST_ALTERNATIVES).some((alternative) => {
    const tokens = tokenize(alternative);
    return tokens !== undefined && matchesGlob(tokens, dir);
  });

const MOST_ALTERNATIVES = 256;
const LONGEST_GLOB = 1000;

/** `a/{b,c}/**` as the plain globs that it stands for; `undefined` when a brace is never closed. */
const expand = (glob: string): string[] | undefined => {
  if (glob.length > LONGEST_GLOB) return undefined;
  const open = indexOfBrace(glob);
  if (open === -1) return glob.endsWith("/**") ? [glob.slice(0, -3), glob] : [glob];
  const parts: string[] = [];
  let depth = 0;
  let from = open + 1;
  for (let at = open; at < glob.length; at += 1) {
    const character = glob[at];
    if (character === "\\") at += 1;
    else if (character === "{") depth += 1;
    else if (character === "}") depth -= 1;
    if (depth > 1 || (depth === 1 && character !== ",")) continue;
    parts.push(glob.slice(from, at));
    from = at + 1;
    if (depth === 0) return expandParts(glob.slice(0, open), parts, glob.slice(from));
  }
  return undefined;
};

const expandParts = (before: string, parts: readonly string[], after: string): string[] | undefined => {
  const expanded: string[] = [];
  for (const part of parts) {
    const whole = expand(`${before}${part}${after}`);
    if (whole === undefined) return undefined;
    expanded.push(...whole);
    if (expanded.length > MOST_ALTERNATIVES) return expanded;
  }
  return expanded;
};

const indexOfBrace = (glob: string): number => {
  for (let at = 0; at < glob.length; at += 1) {
    if (glob[at] === "\\") at += 1;
    else if (glob[at] === "{") return at;
  }
  return -1;
};

const tokenize = (glob: string): GlobToken[] | undefined => {
  const characters = Array.from(glob);
  const tokens: GlobToken[] = [];
  for (let at = 0; at < characters.length; ) {
    const read = readToken(characters, at);
    if (!read) return undefined;
    tokens.push(read.token);
    at = read.end;
  }
  return tokens;
};

const readToken = (
  characters: readonly string[],
  at: number,
): { readonly token: GlobToken; readonly end: number } | undefined => {
  const character = characters[at]!;
  if (character === "?") return { token: { kind: "one" }, end: at + 1 };
  if (character === "[") return readClass(characters, at, { negations: "!^", slash: false });
  if (character === "*") return readStars(characters, at);
  if (character !== "\\") return { token: { kind: "literal", character }, end: at + 1 };
  const escaped = characters[at + 1];
  return escaped === undefined ? undefined : { token: { kind: "literal", character: escaped }, end: at + 2 };
};

const readStars = (characters: readonly string[], at: number): { token: GlobToken; end: number } => {
  let end = at;
  while (characters[end] === "*") end += 1;
  const wholeName = end - at === 2 && (at === 0 || characters[at - 1] === "/");
  if (wholeName && end === characters.length) return { token: { kind: "rest" }, end };
  if (wholeName && characters[end] === "/") return { token: { kind: "folders" }, end: end + 1 };
  return { token: { kind: "many" }, end };
};

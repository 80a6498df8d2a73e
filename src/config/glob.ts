/**
 * A glob as a row of tokens, matched by walking all possible states at once: time grows with pattern times text,
 * whatever somebody writes into a repository's configuration (a regular expression could be made to hang).
 */
export type GlobToken =
  | { readonly kind: "literal"; readonly character: string }
  /** One character other than a slash. */
  | { readonly kind: "one" }
  /** Any number of characters other than a slash. */
  | { readonly kind: "many" }
  /** Nothing, or whole folders with their closing slash. */
  | { readonly kind: "folders" }
  /** Anything at all. */
  | { readonly kind: "rest" }
  | GlobClass;

export interface GlobClass {
  readonly kind: "class";
  readonly negated: boolean;
  readonly ranges: readonly (readonly [from: string, to: string])[];
  readonly slash: boolean;
}

/** Whether the tokens cover the whole text or, with `orFolder`, a folder that the path lies in. */
export const matchesGlob = (tokens: readonly GlobToken[], text: string, orFolder = false): boolean => {
  let states = reach(tokens, [0]);
  for (const character of text) {
    if (orFolder && character === "/" && states.has(tokens.length * 2)) return true;
    states = reach(
      tokens,
      [...states].flatMap((state) => step(tokens, state, character)),
    );
    if (states.size === 0) return false;
  }
  return states.has(tokens.length * 2);
};

// State 2i stands before token i, state 2i + 1 inside of it (only `folders` has an inside).
const step = (tokens: readonly GlobToken[], state: number, character: string): number[] => {
  const token = tokens[state >> 1];
  if (token === undefined) return [];
  if (state % 2 === 1) return character === "/" ? [state, state + 1] : [state];
  const next = state + 2;
  switch (token.kind) {
    case "literal":
      return token.character === character ? [next] : [];
    case "one":
      return character === "/" ? [] : [next];
    case "many":
      return character === "/" ? [] : [state];
    case "rest":
      return [state];
    case "class":
      return inClass(token, character) ? [next] : [];
    case "folders":
      return [];
  }
};

/** The states and all that follow from them without reading a character. */
const reach = (tokens: readonly GlobToken[], from: readonly number[]): Set<number> => {
  const reached = new Set<number>();
  const open = [...from];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    if (reached.has(state)) continue;
    reached.add(state);
    if (state % 2 === 1) continue;
    const kind = tokens[state >> 1]?.kind;
    if (kind === "many" || kind === "rest" || kind === "folders") open.push(state + 2);
    if (kind === "folders") open.push(state + 1);
  }
  return reached;
};

const inClass = ({ negated, ranges, slash }: GlobClass, character: string): boolean => {
  if (character === "/" && !slash) return false;
  const point = character.codePointAt(0)!;
  const inside = ranges.some(([from, to]) => from.codePointAt(0)! <= point && point <= to.codePointAt(0)!);
  return inside !== negated;
};

/**
 * Reads a `[...]` class whose `[` stands at `at`. Rules of Go's path.Match: at least one member, a backslash takes
 * the next character as it is, `-` and `]` stand for themselves only after a backslash.
 */
export const readClass = (
  characters: readonly string[],
  at: number,
  options: { readonly negations: string; readonly slash: boolean },
): { readonly token: GlobClass; readonly end: number } | undefined => {
  let index = at + 1;
  const negated = characters[index] !== undefined && options.negations.includes(characters[index]!);
  if (negated) index += 1;
  const ranges: [string, string][] = [];
  while (characters[index] !== "]" || ranges.length === 0) {
    const from = readMember(characters, index);
    if (!from) return undefined;
    index = from.end;
    if (characters[index] !== "-") {
      ranges.push([from.character, from.character]);
      continue;
    }
    const to = readMember(characters, index + 1);
    if (!to) return undefined;
    ranges.push([from.character, to.character]);
    index = to.end;
  }
  return { token: { kind: "class", negated, ranges, slash: options.slash }, end: index + 1 };
};

const readMember = (
  characters: readonly string[],
  at: number,
): { readonly character: string; readonly end: number } | undefined => {
  const character = characters[at];
  if (character === undefined || character === "-" || character === "]") return undefined;
  if (character !== "\\") return { character, end: at + 1 };
  const escaped = characters[at + 1];
  return escaped === undefined ? undefined : { character: escaped, end: at + 2 };
};

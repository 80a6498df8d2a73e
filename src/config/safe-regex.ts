/**
 * Regular expressions from configuration: only what Go's engine also takes (no references, no looking around), and
 * nothing that could make a backtracking engine hang on a branch name.
 */
export const regexProblem = (source: string): string | undefined => {
  if (source.length > 200) return "it is longer than 200 characters";
  if (/\\[1-9]|\\k</.test(source)) return "references such as \\1 are not supported";
  if (/\(\?<?[=!]/.test(source)) return "looking ahead or behind is not supported";
  if (!compiles(source)) return "it is no regular expression";
  const plain = source
    .replace(/\\./g, "x")
    .replace(/\[\^?\]?[^\]]*\]/g, "x")
    .replace(/\(\?(?:i|:|i:)/g, "(");
  if (repeatsChoices(plain)) return "a group that repeats or chooses must not be repeated itself";
  return (plain.match(/[*+]|\{\d+,\}/g) ?? []).length > 4 ? "it repeats more than four parts" : undefined;
};

/** `(a+)+` and its like: a repeated group in which something is repeated, optional or one of several. */
const repeatsChoices = (plain: string): boolean => {
  const open: boolean[] = [];
  for (let at = 0; at < plain.length; at += 1) {
    const character = plain[at]!;
    if (character === "(") open.push(false);
    else if (character === ")") {
      const choosing = open.pop() ?? false;
      if (choosing && /[*+{]/.test(plain[at + 1] ?? "")) return true;
      if (choosing && open.length > 0) open[open.length - 1] = true;
    } else if (/[*+?{|]/.test(character) && open.length > 0) open[open.length - 1] = true;
  }
  return false;
};

/** Whether the expression, found sound by `regexProblem`, matches somewhere in the text. */
export const regexMatches = (source: string, text: string): boolean => {
  const [pattern, flags] = takeFlags(source);
  return new RegExp(pattern, flags).test(text.slice(0, 300));
};

const compiles = (source: string): boolean => {
  try {
    return Boolean(new RegExp(...takeFlags(source)));
  } catch {
    return false;
  }
};

const takeFlags = (source: string): [pattern: string, flags: string] =>
  source.startsWith("(?i)") ? [source.slice(4), "i"] : [source, ""];

/** A regular expression for exactly this text. */
export const exactly = (text: string): string => `^${text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")}$`;

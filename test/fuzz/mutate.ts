import type { Seeded } from "../../bench/seeded.ts";

/** Words that readers stumble over, beside those of the samples. */
const WORDS = [
  ..."\0 \r \t \\ \" ' ` $ ; | & < > ( ) { } [ ] * ? ~ ! # % ^ = : , . / @ - --".split(" "),
  ...[
    "..",
    "../../",
    "$(id)",
    "`id`",
    "${x}",
    "{{.}}",
    "%s",
    "\u0000",
    "\u202e",
    "\u{1f4a9}",
    "\ud800",
    "\ufeff",
  ],
  ...[
    "__proto__",
    "constructor",
    "null",
    "true",
    "NaN",
    "-0",
    "1e999",
    "9007199254740993",
    "[[",
    "&a",
    "*a",
    "<<: *a",
  ],
  ...["\n", "\n\n", "\r\n", "- ", "  - ", "? ", "!!js/function", "|\n ", ">-\n", "---\n", "...\n"],
  ...["-- -parallelism=$TOKEN", "-- -var-file=/etc/passwd", "-d ../..", "-w a/b", "-p '' -- -chdir=/"],
];
const LONGEST = 200_000;
const MOST_REPEATS = 5_000;

/** A text that is like a sample and yet not: one to four changes, some of them by other samples. */
export const mutateText = (chance: Seeded, samples: readonly string[]): string => {
  let text = chance.one(samples);
  for (let left = 1 + chance.below(4); left > 0; left -= 1) text = changed(chance, samples, text);
  return text.slice(0, LONGEST);
};

const changed = (chance: Seeded, samples: readonly string[], text: string): string => {
  const at = chance.below(text.length + 1);
  const to = Math.min(text.length, at + chance.below(chance.happens(0.8) ? 12 : text.length + 1));
  const [before, piece, after] = [text.slice(0, at), text.slice(at, to), text.slice(to)];
  switch (chance.below(8)) {
    case 0:
      return before + after;
    case 1:
      return before + chance.one(WORDS) + text.slice(at);
    case 2:
      return before + chance.one(WORDS) + after;
    case 3:
      return text + piece;
    case 4:
      return before + piece.repeat(1 + chance.below(4)) + after;
    case 5:
      return before + pieceOf(chance, chance.one(samples)) + after;
    case 6:
      return before + String.fromCharCode(chance.below(chance.happens(0.7) ? 128 : 0x10000)) + after;
    default:
      // Depth and length, now and then: what is linear stays quick.
      return chance.happens(0.05) ? before + repeated(chance, piece) + after : before;
  }
};

const repeated = (chance: Seeded, piece: string): string => {
  const what = chance.happens(0.5)
    ? chance.one(["[", "{", "- ", "  ", "(", '{"a":', "[[", "'", '"', "a ", "*"])
    : piece;
  return what.slice(0, 20).repeat(chance.below(MOST_REPEATS));
};

const pieceOf = (chance: Seeded, text: string): string => {
  const at = chance.below(text.length + 1);
  return text.slice(at, at + chance.below(200));
};

/** A document of the same kind whose parts are missing, of another type, deeper or doubled. */
export const mutateJson = (chance: Seeded, samples: readonly unknown[]): unknown => {
  let document = chance.one(samples);
  for (let left = 1 + chance.below(5); left > 0; left -= 1) document = replaced(chance, document, samples);
  return document;
};

/** Only the way down to the change is copied. */
const replaced = (chance: Seeded, value: unknown, samples: readonly unknown[]): unknown => {
  if (chance.happens(0.12) || typeof value !== "object" || value === null) return odd(chance, value, samples);
  if (Array.isArray(value)) {
    if (value.length === 0) return [odd(chance, null, samples)];
    const at = chance.below(value.length);
    return chance.happens(0.1)
      ? value.toSpliced(at, 1)
      : value.with(at, replaced(chance, value[at], samples));
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return { [chance.one(WORDS)]: odd(chance, null, samples) };
  const key = chance.one(keys);
  const { [key]: inner, ...others } = value as Record<string, unknown>;
  if (chance.happens(0.1)) return others;
  return { ...value, [key]: replaced(chance, inner, samples) };
};

const odd = (chance: Seeded, value: unknown, samples: readonly unknown[]): unknown => {
  switch (chance.below(9)) {
    case 0:
      return null;
    case 1:
      return chance.one([0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER + 1]);
    case 2:
      return chance.one(WORDS);
    case 3:
      return [value, value];
    case 4:
      return { [chance.one(WORDS)]: value };
    case 5:
      return deep(value, chance.below(chance.happens(0.1) ? 3_000 : 20));
    case 6:
      return typeof value === "string" ? mutateText(chance, [value]) : String(value).slice(0, 100);
    case 7:
      return chance.happens(0.5);
    default:
      return chance.one(samples);
  }
};

const deep = (value: unknown, levels: number): unknown => {
  let wrapped = value;
  for (let level = 0; level < levels; level += 1) wrapped = level % 2 === 0 ? [wrapped] : { a: wrapped };
  return wrapped;
};

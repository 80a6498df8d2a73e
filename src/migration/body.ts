import { splitScript } from "./split.ts";

/**
 * The SQL that a DO block's text runs when it is started: statements in it, and EXECUTE of a text that is written
 * there; a `format` counts with names in its gaps. Null: one that is put together at run time, so that nobody can
 * read it here.
 */
export const statementsInBody = (body: string): readonly (string | null)[] =>
  splitScript(body)
    .parts.flatMap((part) => (part.kind === "statement" ? [body.slice(part.start, part.end)] : []))
    .map((piece) => START.exec(piece)?.[1] ?? "")
    .filter((text) => text !== "")
    .map((text) => (/^execute\b/i.test(text) ? executed(text) : withoutTarget(text)));

const START =
  /(?:^|\b(?:begin|then|else|loop)\s)\s*((?:update|delete|truncate|alter|drop|create|lock|grant|revoke|insert|reindex|cluster|vacuum|refresh|execute|with)\b[\s\S]*)$/i;

const LITERAL = /^execute\s+(format\s*\(\s*)?(?:'((?:[^']|'')*)'|\$(\w*)\$([\s\S]*?)\$\3\$)\s*([\s\S]*)$/i;

const executed = (text: string): string | null => {
  const [, format, quoted, , dollars, rest = ""] = LITERAL.exec(text) ?? [];
  const written = quoted?.replaceAll("''", "'") ?? dollars;
  // Behind the literal only what does not change it: values of a format, USING, INTO, the end.
  const whole = format ? /^[,)]/.test(rest) : /^(;|using\b|into\b|$)/i.test(rest);
  if (written === undefined || !whole) return null;
  if (!format) return written;
  if (/^\s*%/.test(written)) return null;
  return written.replaceAll(/%(?:\d+\$)?L/g, "'x'").replaceAll(/%(?:\d+\$)?[Is]/g, "p_name");
};

/** `RETURNING id INTO variable` is the block's, and no SQL. */
const withoutTarget = (text: string): string =>
  text.replace(
    /(\breturning\b[\s\S]*?)\binto\s+(?:strict\s+)?[\w."]+(?:\s*,\s*[\w."]+)*\s*(;?\s*)$/i,
    "$1$2",
  );

import type { Attribute, Expression } from "./syntax.ts";

// Most code is this plain: a quoted text without escapes and interpolation, a number, a word, names joined by dots.
const PLAIN = /^(?:"([^"\\$%\r\n]*)"|(\d+(?:\.\d+)?)|([A-Za-z_][\w-]*)((?:\.[A-Za-z_][\w-]*)*))$/;

/**
 * A plain expression from its text alone, undefined for any other: the grammar's tree has five nodes for
 * a quoted word, and each is a journey into WASM.
 */
export const plainExpression = (written: string, start: number): Expression | undefined => {
  const match = PLAIN.exec(written);
  if (!match) return undefined;
  const [, quoted, digits, root = "", rest] = match;
  const place = { start, end: start + written.length };
  if (quoted !== undefined) return { ...place, kind: "literal", value: quoted };
  if (digits !== undefined) return { ...place, kind: "literal", value: Number(digits) };
  const steps = rest ? rest.slice(1).split(".") : [];
  if (steps.length === 0 && KEYWORDS.has(root))
    return { ...place, kind: "literal", value: KEYWORDS.get(root) ?? null };
  return { ...place, kind: "traversal", root, steps: steps.map((attribute) => ({ attribute })) };
};

const KEYWORDS: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

const NAME = /^([A-Za-z_][\w-]*)[ \t]*=[ \t]*/;

/** `name = value` with a plain value, likewise. */
export const plainAttribute = (written: string, start: number): Attribute | undefined => {
  const [before, name] = NAME.exec(written) ?? [];
  if (before === undefined || name === undefined) return undefined;
  const value = plainExpression(written.slice(before.length), start + before.length);
  return value && { name, value, start, end: value.end };
};

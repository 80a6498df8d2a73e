import type { Edit } from "../hcl/edit.ts";
import type { Expression, ExpressionOf } from "../hcl/syntax.ts";
import { evaluate } from "./evaluate.ts";
import { callFunction } from "./functions.ts";
import type { PutContext } from "./put.ts";
import { attempt, refuse } from "./refusal.ts";
import { scalarText, type Value } from "./value.ts";

type Call = ExpressionOf<"call">;

/** Arguments that would give `want`, the likeliest first; the first argument is what changes. */
const BEFORE: Readonly<
  Record<string, (want: string, now: string, more: readonly string[]) => readonly string[]>
> = {
  lower: (want, now) => [cased(want, now), want],
  upper: (want, now) => [cased(want, now), want],
  title: (want, now) => [now === now.toLowerCase() ? want.toLowerCase() : want, want],
  trimspace: (want) => [want],
  chomp: (want) => [want],
  trim: (want) => [want],
  trimprefix: (want, now, [prefix = ""]) => (now.startsWith(prefix) ? [prefix + want, want] : [want]),
  trimsuffix: (want, now, [suffix = ""]) => (now.endsWith(suffix) ? [want + suffix, want] : [want]),
  replace: (want, _now, [from = "", to = ""]) => [to === "" ? want : want.split(to).join(from), want],
  base64encode: (want) => [Buffer.from(want, "base64").toString("utf8")],
  base64decode: (want) => [Buffer.from(want, "utf8").toString("base64")],
};

const cased = (want: string, now: string): string => {
  if (now === now.toLowerCase()) return want.toLowerCase();
  return now === now.toUpperCase() ? want.toUpperCase() : want;
};

export const isTextCall = (name: string): boolean => Object.hasOwn(BEFORE, name);

/** A function of one text: the argument that it turns into the wanted text. */
export const putTextCall = (
  { name, args: [first, ...others] }: Call,
  want: string,
  context: PutContext,
): readonly Edit[] => {
  const now = first && scalarText(evaluate(first, context.scope));
  const more = others.map((other) => evaluate(other, context.scope));
  const texts = more.flatMap((one) => (typeof one === "string" ? [one] : []));
  // Near by, a call of a reference gives way to the value as a whole: its argument alone would read oddly.
  if (context.reach === "here" && first?.kind !== "literal") return refuse(`what ${name}() reads is shared`);
  if (!first || now === undefined || texts.length < more.length)
    return refuse(`${name}() is not known before a plan`);
  const fitting = (BEFORE[name]?.(want, now, texts) ?? []).find(
    (text) => callFunction(name, [text, ...more]) === want,
  );
  return fitting === undefined
    ? refuse(`no argument of ${name}() gives the live value`)
    : context.put(first, [], fitting, context);
};

/** `max()` and `min()`: the argument that can be such that the result is as wanted, constants first. */
export const putExtreme = ({ name, args }: Call, want: number, context: PutContext): readonly Edit[] => {
  const values: Value[] = args.map((arg) => evaluate(arg, context.scope));
  const isConstant = (arg: Expression): boolean => arg.kind === "literal";
  const order = args.map((_, index) => index).toSorted((one, other) => rank(args[one]) - rank(args[other]));
  function rank(arg: Expression | undefined): number {
    return arg && isConstant(arg) ? 0 : 1;
  }
  for (const index of order) {
    const arg = args[index];
    if (!arg || callFunction(name, values.with(index, want)) !== want) continue;
    const tried = attempt(() => context.put(arg, [], want, context));
    if ("value" in tried) return tried.value;
  }
  return refuse(`no argument of ${name}() gives the live value`);
};

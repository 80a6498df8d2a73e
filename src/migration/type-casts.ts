/**
 * Whether ALTER COLUMN ... TYPE converts values by itself, as an assignment does: it refuses those that do not fit,
 * where a cast that is written out cuts texts and bits off in silence. False: it wants USING. Types as the server writes them.
 */
export const isAssignable = (from: string, to: string): boolean => {
  const [old, fresh] = [baseOf(from), baseOf(to)];
  if (old === fresh) return true;
  if (old.endsWith("[]") || fresh.endsWith("[]")) {
    if (TEXTS.has(fresh)) return true;
    return old.endsWith("[]") && fresh.endsWith("[]") && isAssignable(old.slice(0, -2), fresh.slice(0, -2));
  }
  if (TEXTS.has(old) && /(^|\.)citext$/.test(fresh)) return true;
  return (
    TEXTS.has(fresh) ||
    FAMILIES.some((family) => family.includes(old) && family.includes(fresh)) ||
    ONE_WAY.has(`${old} > ${fresh}`)
  );
};

/** What a conversion may take from values without a word of the server; null: nothing. */
export const lossOf = (from: string, to: string): string | null => {
  if (!isAssignable(from, to)) return `what ${to} cannot hold of their values`;
  const [old, fresh] = [baseOf(from), baseOf(to)].map((type) => type.replaceAll("[]", "")) as [
    string,
    string,
  ];
  if (old !== fresh && (fresh === "name" || fresh === "money"))
    return `what ${fresh} cannot hold of their values`;
  if (FRACTIONS.has(old) && (WHOLE.has(fresh) || scaleOf(to) < scaleOf(from)))
    return "digits behind the point";
  if (
    old !== fresh &&
    ((fresh === "real" && old !== "smallint") || (fresh === "double precision" && !SMALL.has(old)))
  )
    return "digits";
  if (isTime(old) && (isShorter(old, fresh) || secondsOf(to) < secondsOf(from))) return "parts of times";
  if (old === "inet" && fresh === "cidr") return "bits of addresses";
  return old === "json" && fresh === "jsonb" ? "the order and repetition of keys" : null;
};

/** A type without its modifiers. */
export const baseOf = (type: string): string => type.replaceAll(/\([^)]*\)/g, "").replaceAll(/ +/g, " ");

const TEXTS: ReadonlySet<string> = new Set(["text", "character varying", "character", "name"]);
const WHOLE: ReadonlySet<string> = new Set(["smallint", "integer", "bigint"]);
const SMALL: ReadonlySet<string> = new Set(["smallint", "integer", "real"]);
const FRACTIONS: ReadonlySet<string> = new Set(["numeric", "real", "double precision", "money"]);

// Each to each by an assignment at least.
const FAMILIES: readonly (readonly string[])[] = [
  ["smallint", "integer", "bigint", "numeric", "real", "double precision"],
  ["date", "timestamp without time zone", "timestamp with time zone"],
  ["time without time zone", "time with time zone"],
  ["time without time zone", "interval"],
  ["numeric", "money"],
  ["bit", "bit varying"],
  ["json", "jsonb"],
  ["inet", "cidr"],
  ["macaddr", "macaddr8"],
  ["integer", "oid"],
];

const ONE_WAY: ReadonlySet<string> = new Set([
  "integer > money",
  "bigint > money",
  "bigint > oid",
  "oid > bigint",
  "timestamp without time zone > time without time zone",
  "timestamp with time zone > time without time zone",
  "timestamp with time zone > time with time zone",
]);

const scaleOf = (type: string): number => {
  const [, precision, scale = "0"] = /^numeric\((\d+)(?:,(-?\d+))?\)/.exec(type) ?? [];
  return precision === undefined ? Number.POSITIVE_INFINITY : Number(scale);
};

const isTime = (base: string): boolean => /^(date|time|interval)/.test(base);
const isShorter = (old: string, fresh: string): boolean =>
  (old.startsWith("timestamp") && !fresh.startsWith("timestamp") && !TEXTS.has(fresh)) ||
  (old === "interval" && fresh.startsWith("time")) ||
  (old === "time with time zone" && fresh === "time without time zone");
const secondsOf = (type: string): number =>
  Number(/\((\d)\)/.exec(type)?.[1] ?? (/^(time|interval)/.test(type) ? 6 : Number.NaN));

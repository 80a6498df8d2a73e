// Values as the engine sends them: cty types, the unknown value, numbers of any size.
import { decode, ExtensionCodec, encode } from "@msgpack/msgpack";

export type CtyType =
  | "string"
  | "number"
  | "bool"
  | readonly ["list" | "set" | "map", CtyType]
  | readonly ["object", { readonly [name: string]: CtyType }];
export type Obj = { [name: string]: Value };
export type Value = null | string | number | boolean | Digits | Unknown | Value[] | Obj;

/** "(known after apply)" */
export class Unknown {}
export const UNKNOWN = new Unknown();

/** A number that a double cannot hold exactly, by its decimal text. */
export class Digits {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export interface DynamicValue {
  msgpack?: Uint8Array;
  json?: Uint8Array;
}

// An unknown is ext type 0 (payload ignored); a refined one ("not null", "starts with ...") is ext type 12 with
// a map as payload. The refinements are not needed here: answering with a plain unknown is always legal.
const extensions = new ExtensionCodec();
extensions.register({
  type: 0,
  encode: (value) => (value instanceof Unknown ? new Uint8Array([0]) : null),
  decode: () => UNKNOWN,
});
extensions.register({ type: 12, encode: () => null, decode: () => UNKNOWN });
const msgpack = { extensionCodec: extensions, useBigInt64: true } as const;

export const toDynamic = (value: Value): DynamicValue => ({ msgpack: encode(toMsgpack(value), msgpack) });

/**
 * For what is read back from the cloud (never unknown). As JSON and not msgpack: Terraform keeps 512-bit numbers
 * for the prior state and 64-bit ones for msgpack, and `plan -refresh-only` would call every resource that has a
 * number changed. DEMOCLOUD_READ=msgpack brings that false alarm back, for tests of it.
 */
export const toDynamicRead = (value: Value): DynamicValue =>
  process.env["DEMOCLOUD_READ"] === "msgpack" ? toDynamic(value) : { json: Buffer.from(writeJson(value)) };

export const fromDynamic = (dynamic: DynamicValue | undefined, type: CtyType): Value => {
  if (dynamic?.msgpack?.length) return conform(decode(dynamic.msgpack, msgpack), type);
  if (dynamic?.json?.length) return conform(readJson(Buffer.from(dynamic.json).toString("utf8")), type);
  return null;
};

type RawJson = { rawJSON?: (text: string) => unknown };

/** JSON text to values without losing digits (on Node 20, which lacks the reviver's context, doubles it is). */
export const readJson = (text: string): unknown =>
  JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === "number" && context?.source ? exact(value, context.source) : value,
  );

export const writeJson = (value: unknown, indent?: number): string =>
  JSON.stringify(
    value,
    (_key, inner: unknown) =>
      inner instanceof Digits ? ((JSON as RawJson).rawJSON?.(inner.text) ?? Number(inner.text)) : inner,
    indent,
  );

const exact = (value: number, source: string): number | Digits =>
  Number.isSafeInteger(value) || String(value) === source ? value : new Digits(source);

const toMsgpack = (value: Value): unknown => {
  if (value instanceof Unknown || value === null || typeof value !== "object") return value;
  if (value instanceof Digits) return /^-?\d{1,18}$/.test(value.text) ? BigInt(value.text) : value.text;
  if (Array.isArray(value)) return value.map(toMsgpack);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toMsgpack(inner)]));
};

export const isObj = (value: unknown): value is Obj =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Unknown) &&
  !(value instanceof Digits);

/**
 * Brings loosely typed data (a person's JSON, an old state) to `type`: drops strange attributes, fills absent
 * ones with null, reads "20" as 20. The engine refuses an object that lacks any attribute.
 * @throws Error that names the path, where a value cannot be read as its type.
 */
export const conform = (value: unknown, type: CtyType, path = ""): Value => {
  if (value instanceof Unknown) return UNKNOWN;
  if (value === null || value === undefined) return null;
  if (typeof type === "string") return conformPrimitive(value, type, path);
  if (type[0] === "list" || type[0] === "set") {
    const inner = type[1];
    if (!Array.isArray(value)) throw expected(path, "an array", value);
    return value.map((element, index) => conform(element, inner, `${path}[${index}]`));
  }
  if (!isObj(value)) throw expected(path, "an object", value);
  if (type[0] === "map") {
    const inner = type[1];
    return mapValues(value, (element, key) => conform(element, inner, `${path}.${key}`));
  }
  const members = type[1] as { readonly [name: string]: CtyType };
  return mapValues(members, (inner, name) => conform(value[name], inner, path ? `${path}.${name}` : name));
};

const conformPrimitive = (value: unknown, type: "string" | "number" | "bool", path: string): Value => {
  if (type === "string") {
    if (value instanceof Digits) return value.text;
    if (typeof value === "object") throw expected(path, "text", value);
    return String(value);
  }
  if (type === "bool") {
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    throw expected(path, "true or false", value);
  }
  if (value instanceof Digits || (typeof value === "number" && !Number.isNaN(value))) return value;
  const text = typeof value === "bigint" || typeof value === "string" ? String(value).trim() : "";
  if (text === "" || Number.isNaN(Number(text))) throw expected(path, "a number", value);
  return typeof value === "string" && /[.e]/i.test(text) ? new Digits(text) : exact(Number(text), text);
};

const expected = (path: string, what: string, found: unknown): Error =>
  new Error(`${path}: expected ${what}, found ${typeof found === "bigint" ? found : JSON.stringify(found)}`);

const mapValues = <T>(record: { readonly [key: string]: T }, change: (value: T, key: string) => Value): Obj =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));

/** Equal as `type` says it: sets ignore order. */
export const same = (left: Value, right: Value, type: CtyType): boolean =>
  canonical(left, type) === canonical(right, type);

const canonical = (value: Value, type: CtyType): string => {
  if (value instanceof Unknown) return "?";
  if (value instanceof Digits) return value.text;
  if (value === null || typeof type === "string") return JSON.stringify(value);
  if (type[0] === "list") return `[${canonicalItems(value, type[1]).join()}]`;
  if (type[0] === "set") return `{${canonicalItems(value, type[1]).sort().join()}}`;
  const inner = type[1];
  const typeOf = (key: string): CtyType =>
    type[0] === "map" ? (inner as CtyType) : (inner as { readonly [name: string]: CtyType })[key]!;
  const members = Object.entries(value as Obj).sort(([a], [b]) => (a < b ? -1 : 1));
  return `(${members.map(([key, member]) => JSON.stringify(key) + canonical(member, typeOf(key))).join()})`;
};

const canonicalItems = (value: Value, inner: CtyType): string[] =>
  (value as Value[]).map((element) => canonical(element, inner));

export const hasUnknown = (value: Value): boolean =>
  value instanceof Unknown ||
  (Array.isArray(value) ? value.some(hasUnknown) : isObj(value) && Object.values(value).some(hasUnknown));

/** For comparing sizes (a shrink); null for anything that is no number. */
export const asNumber = (value: Value): number | null => {
  if (value instanceof Digits) return Number(value.text);
  return typeof value === "number" ? value : null;
};

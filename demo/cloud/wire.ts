// A protobuf codec just big enough for the messages in messages.ts.

export type Kind =
  | "string"
  | "bytes"
  | "bool"
  | "int"
  | { readonly [label: string]: number }
  | (() => Message)
  | readonly ["map", () => Message];
export interface Field {
  readonly no: number;
  readonly kind: Kind;
  readonly many?: true;
}
export interface Message {
  readonly [name: string]: Field;
}
export type Fields = { [name: string]: unknown };

/** `value`'s members by field name; those that are absent or empty are left out, as proto3 wants it. */
export const encodeMessage = (message: Message, value: object): Buffer =>
  Buffer.concat(
    Object.entries(message).flatMap(([name, field]) => {
      const member = (value as Fields)[name];
      if (member === undefined || member === null) return [];
      if (isMap(field.kind)) return encodeMap(field.no, field.kind[1](), member as Fields);
      const elements = field.many ? (member as unknown[]) : [member];
      return elements.map((element) => encodeField(field, element));
    }),
  );

const encodeMap = (no: number, message: Message, entries: Fields): Buffer[] =>
  Object.entries(entries).map(([key, value]) =>
    delimited(
      no,
      Buffer.concat([delimited(1, Buffer.from(key)), delimited(2, encodeMessage(message, value as object))]),
    ),
  );

const encodeField = ({ no, kind }: Field, value: unknown): Buffer => {
  if (typeof kind === "function") return delimited(no, encodeMessage(kind(), value as object));
  if (kind === "string" || kind === "bytes") {
    const body = Buffer.from(value as string | Uint8Array as string);
    return body.length ? delimited(no, body) : Buffer.alloc(0);
  }
  const number = typeof kind === "string" ? Number(value) : ((kind as Labels)[value as string] ?? 0);
  return number ? Buffer.from([...varint(no * 8), ...varint(number)]) : Buffer.alloc(0);
};
type Labels = { readonly [label: string]: number };

const isMap = (kind: Kind): kind is readonly ["map", () => Message] => Array.isArray(kind);

const varint = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
};

const delimited = (no: number, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from([...varint(no * 8 + 2), ...varint(body.length)]), body]);

/** Unknown fields and maps are skipped. */
export const decodeMessage = (message: Message, bytes: Buffer): Fields => {
  const byNumber = new Map(Object.entries(message).map(([name, field]) => [field.no, { name, field }]));
  const decoded: Fields = {};
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    const part = readPart(bytes, tag.next, tag.value % 8);
    at = part.next;
    const known = byNumber.get(Math.floor(tag.value / 8));
    if (known && !isMap(known.field.kind)) put(decoded, known.name, known.field, part.value);
  }
  return decoded;
};

const put = (into: Fields, name: string, field: Field, part: Buffer | number): void => {
  const value = decodePart(field.kind, part);
  if (!field.many) into[name] = value;
  else into[name] = [...((into[name] as unknown[] | undefined) ?? []), value];
};

const decodePart = (kind: Kind, part: Buffer | number): unknown => {
  if (typeof kind === "function") return decodeMessage(kind(), part as Buffer);
  if (kind === "string") return (part as Buffer).toString("utf8");
  return kind === "bool" ? part !== 0 : part;
};

interface Part<T> {
  readonly value: T;
  readonly next: number;
}

const readPart = (bytes: Buffer, at: number, wireType: number): Part<Buffer | number> => {
  if (wireType === 0) return readVarint(bytes, at);
  if (wireType === 1 || wireType === 5) return { value: 0, next: at + (wireType === 1 ? 8 : 4) };
  if (wireType !== 2) throw new Error(`protobuf wire type ${wireType}`);
  const length = readVarint(bytes, at);
  const next = length.next + length.value;
  return { value: bytes.subarray(length.next, next), next };
};

const readVarint = (bytes: Buffer, at: number): Part<number> => {
  let value = 0;
  for (let i = at, scale = 1; ; i += 1, scale *= 128) {
    const byte = bytes[i];
    if (byte === undefined) throw new Error("protobuf message ends within a number");
    value += (byte & 127) * scale;
    if (byte < 128) return { value, next: i + 1 };
  }
};

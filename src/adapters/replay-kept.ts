import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import * as z from "zod";
import type { Json } from "../model/json.ts";
import type { SchemaSnapshot } from "../model/migration.ts";
import type { KeptReplays, MigrationCall } from "../ports/migrations.ts";

/** What a replay on PGlite made; the same files make the same again. */
export interface RememberedReplay {
  readonly recorded: SchemaSnapshot;
  readonly desired: SchemaSnapshot;
  readonly note: string | null;
  /** Major version of the server that replayed. */
  readonly version: number;
  /** Views of the live server as the replaying one writes them: `address`, line feed, live text -> its text. */
  readonly words: Map<string, string>;
}

/** Where the call's workspace keeps replays, if anywhere. */
export const keptOf = ({ replays }: MigrationCall): { readonly kept?: KeptReplays } =>
  replays ? { kept: replays } : {};

/** A replay in the form in which it is kept, with the key that it belongs to. */
export const writeReplay = async (
  key: string,
  { recorded, desired, note, version, words }: RememberedReplay,
): Promise<Uint8Array> => {
  const told = {
    key,
    ...{ recorded: [...recorded], desired: desired === recorded ? null : [...desired] },
    ...{ note, version, words: [...words] },
  };
  return compressed(JSON.stringify(told), { level: 1 });
};

/** The replay with this key; null where it is anything else. */
export const readReplay = async (key: string, content: Uint8Array): Promise<RememberedReplay | null> => {
  const text = await expanded(content, { maxOutputLength: LARGEST }).then(String, () => null);
  const { success, data } = SHAPE.safeParse(text === null ? null : parsed(text));
  if (!success || data.key !== key) return null;
  const recorded = new Map(data.recorded);
  const desired = data.desired === null ? recorded : new Map(data.desired);
  return { recorded, desired, note: data.note, version: data.version, words: new Map(data.words) };
};

const compressed = promisify<string, object, Buffer>(gzip);
const expanded = promisify<Uint8Array, object, Buffer>(gunzip);
const LARGEST = 512 * 2 ** 20;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

// Facts are what JSON.parse has made; only that each object has some is looked at.
const FACTS = z.custom<Readonly<Record<string, Json>>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);
const SNAPSHOT = z.array(z.tuple([z.string(), FACTS]));
const SHAPE = z.strictObject({
  key: z.string(),
  recorded: SNAPSHOT,
  desired: SNAPSHOT.nullable(),
  note: z.string().nullable(),
  version: z.int(),
  words: z.array(z.tuple([z.string(), z.string()])),
});

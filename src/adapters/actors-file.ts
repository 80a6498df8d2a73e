import { open } from "node:fs/promises";
import { isJsonObject, type Json } from "../model/json.ts";
import type { ActorLookup, ActorQuestion } from "../ports/actor-lookup.ts";
import { type AuditEvent, newestActor } from "./actors-event.ts";

export interface ActorsFileOptions {
  readonly path: string;
  readonly ownPrincipals: readonly string[];
}

type Line = AuditEvent & { readonly type: string; readonly id: string };

const NAME = "the console's log";
/** Of its end: what was just found was done not long ago. */
const MOST_BYTES = 4 * 2 ** 20;

/**
 * A log of changes in a file of JSON lines, `{"at", "who", "action", "type", "id"}`, for clouds without an audit API:
 * the last change of the resource (exact), else of one of its type (guess).
 */
export const actorsFileLookup = ({ path, ownPrincipals }: ActorsFileOptions): ActorLookup => ({
  name: NAME,
  covers: () => true,
  find: async (question, signal) => {
    const lines = (await endOf(path, signal)).flatMap((line) => readLine(line, question));
    const own = lines.filter(({ id }) => question.names.includes(id));
    return (
      newestActor(own, ownPrincipals, { confidence: "exact", source: NAME }) ??
      newestActor(lines, ownPrincipals, { confidence: "guess", source: NAME })
    );
  },
});

/** Whole lines; none where there is no such file yet. */
const endOf = async (path: string, signal: AbortSignal): Promise<readonly string[]> => {
  signal.throwIfAborted();
  const file = await open(path).catch((failure: NodeJS.ErrnoException) => {
    if (failure.code === "ENOENT") return null;
    throw failure;
  });
  if (file === null) return [];
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - MOST_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const lines = buffer.subarray(0, bytesRead).toString().split("\n");
    return start === 0 ? lines : lines.slice(1);
  } finally {
    await file.close();
  }
};

/** Of this type and time. */
const readLine = (line: string, { type, from, to }: ActorQuestion): readonly Line[] => {
  const read = parsed(line);
  if (!isJsonObject(read) || read["type"] !== type) return [];
  const at = new Date(String(read["at"]));
  if (!(at >= from && at <= to)) return [];
  const [who, name, id] = [read["who"], read["action"], read["id"]].map(String);
  return [{ at, type, who: who ?? "", name: name ?? "", id: id ?? "" }];
};

const parsed = (line: string): Json => {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return null;
  }
};

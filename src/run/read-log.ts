import { isSettled, type Run } from "../model/run.ts";
import type { LogPart, LogWish } from "../model/run-log.ts";
import { keptPieces, type LogPiece } from "./log-objects.ts";
import type { World } from "./world.ts";

type Needs = Pick<World, "ledger" | "artifacts" | "redactor">;

/** No answer holds more than this, so that a long log takes nobody's memory. */
export const MOST_LOG_BYTES = 1024 * 1024;

/** A part of the log of a run, of one that goes on too; null where there is no such run, or it has ended without a log. */
export const readRunLog = async (world: Needs, id: string, wish: LogWish = {}): Promise<LogPart | null> => {
  const run = await world.ledger.runs.get(id);
  if (!run) return null;
  const log = await logOf(world, run);
  if (log === null || (log.bytes === 0 && isSettled(run.state))) return null;
  const { bytes } = log;
  const { from, to, isCut } = spanOf(wish, bytes);
  const some = await log.read(from, to);
  const skipped = isCut ? some.indexOf(NEWLINE) + 1 : 0;
  const upTo = from + some.length < bytes ? some.lastIndexOf(NEWLINE) + 1 || some.length : some.length;
  const whole = some.subarray(skipped, upTo);
  const text = world.redactor.redact(new TextDecoder().decode(whole));
  const part = { state: run.state, from: from + skipped, next: from + upTo, bytes, text };
  return wish.withLines ? { ...part, ...startsOf(whole, part) } : part;
};

/** Counted in what is kept: what is shown may be shorter, by secrets that were learned since. */
const startsOf = (kept: Uint8Array, { from, text }: LogPart): Pick<LogPart, "lineStarts"> => {
  const lineStarts = [from];
  for (let end = kept.indexOf(NEWLINE); end >= 0; end = kept.indexOf(NEWLINE, end + 1))
    lineStarts.push(from + end + 1);
  return text.split("\n").length === lineStarts.length ? { lineStarts } : {};
};

/** `isCut`: it may begin in the middle of a line. */
const spanOf = ({ from = 0, tail, before, most = MOST_LOG_BYTES }: LogWish, bytes: number) => {
  const length = Math.min(most, MOST_LOG_BYTES);
  if (tail === undefined && before === undefined) {
    const start = Math.min(from, bytes);
    return { from: start, to: Math.min(start + length, bytes), isCut: false };
  }
  const to = Math.min(before ?? bytes, bytes);
  const start = Math.max(0, to - Math.min(tail ?? length, length));
  return { from: start, to, isCut: start > 0 };
};

/** All of it, one part after another; nothing where there is none. */
export async function* wholeLog(world: Needs, id: string): AsyncGenerator<string> {
  for (let from = 0; ; ) {
    const part = await readRunLog(world, id, { from });
    if (!part) return;
    yield part.text;
    if (part.next >= part.bytes || part.next === from) return;
    from = part.next;
  }
}

const NEWLINE = 10;

interface Readable {
  readonly bytes: number;
  read(from: number, to: number): Promise<Uint8Array>;
}

const logOf = async (world: Needs, run: Run): Promise<Readable | null> => {
  if (run.logArtifact === null) return liveLog(world, run.id);
  const pieces = await keptPieces(world.artifacts, run.logArtifact);
  const last = pieces?.at(-1);
  if (!pieces || !last) return null;
  return { bytes: last.start + last.bytes, read: (from, to) => cut(pieces, from, to) };
};

const PARTS_AT_ONCE = 16;

const liveLog = async ({ ledger }: Needs, run: string): Promise<Readable> => ({
  bytes: await ledger.runLogs.size(run),
  read: async (from, to) => {
    const pieces: LogPiece[] = [];
    for (let at = from; at < to; ) {
      const parts = await ledger.runLogs.read(run, at, PARTS_AT_ONCE);
      for (const { start, bytes, text } of parts)
        pieces.push({ start, bytes, load: async () => new TextEncoder().encode(text) });
      const last = parts.at(-1);
      if (!last) break;
      at = last.start + last.bytes;
    }
    return cut(pieces, from, to);
  },
});

/** Only the pieces that hold a byte of it are loaded. */
const cut = async (pieces: readonly LogPiece[], from: number, to: number): Promise<Uint8Array> => {
  const loaded: Uint8Array[] = [];
  for (const piece of pieces) {
    if (piece.start + piece.bytes <= from || piece.start >= to) continue;
    const bytes = await piece.load();
    loaded.push(bytes.subarray(Math.max(0, from - piece.start), Math.max(0, to - piece.start)));
  }
  return Buffer.concat(loaded);
};

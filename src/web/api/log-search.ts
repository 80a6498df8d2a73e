import { PlumblineError } from "../../model/errors.ts";
import type { LogFound, LogHit, LogPart, LogWish } from "../../model/run-log.ts";
import { piecesOf } from "../pages/assets/log-lines.js";

/** One question reads no more than this and tells no more hits; the next one goes on. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_HITS = 100;
/** Of a line that holds it. */
const MOST_TEXT = 300;

/**
 * Lines of a whole log that hold a text, whatever its case, colours left out: what is read has passed the redactor
 * before it is searched. `readPart` gives whole lines from a byte on. Null where there is no log; throws `bad-cursor`.
 */
export const searchLog = async (
  readPart: (wish: LogWish) => Promise<LogPart | null>,
  wanted: string,
  cursor: string | undefined,
): Promise<LogFound | null> => {
  const hits: LogHit[] = [];
  let { at, line, skip } = placeOf(cursor);
  for (let read = 0; ; ) {
    const part = await readPart({ from: at, withLines: true });
    if (part === null) return null;
    const lines = linesOf(part.text);
    let shownBytes = part.from;
    for (const [index, text] of lines.entries()) {
      const byte = part.lineStarts?.[index] ?? Math.min(shownBytes, part.next);
      const shown = index < skip ? null : foundIn(text, wanted);
      if (shown !== null && hits.length === MOST_HITS)
        return told(part, hits, byte, { at, line, skip: index });
      if (shown !== null) hits.push({ line: line + index + 1, at: byte, text: shown });
      shownBytes += Buffer.byteLength(text) + 1;
    }
    read += part.next - at;
    if (part.next >= part.bytes || part.next === at) return told(part, hits, part.next, null);
    [at, line, skip] = [part.next, line + lines.length, 0];
    if (read >= MOST_BYTES) return told(part, hits, at, { at, line, skip });
  }
};

/** A part of the log: its first byte, how many lines are before it, and how many of its own are done with. */
interface Place {
  readonly at: number;
  readonly line: number;
  readonly skip: number;
}

const told = (
  { state, bytes }: LogPart,
  hits: readonly LogHit[],
  searched: number,
  next: Place | null,
): LogFound => ({
  ...{ state, bytes, hits, searched: Math.min(searched, bytes) },
  next: next && `${next.at}.${next.line}.${next.skip}`,
});

const placeOf = (cursor = "0.0.0"): Place => {
  const found = /^(\d{1,12})\.(\d{1,12})\.(\d{1,12})$/.exec(cursor);
  if (!found) throw new PlumblineError("bad-cursor", "The cursor does not belong to this log.");
  const [at = 0, line = 0, skip = 0] = found.slice(1).map(Number);
  return { at, line, skip };
};

const linesOf = (text: string): readonly string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** What is shown of a line that holds it, cut around the place; null where it does not. */
const foundIn = (text: string, wanted: string): string | null => {
  const plain = /(?!\t)\p{Cc}/u.test(text)
    ? piecesOf(text)
        .map((piece) => piece.text)
        .join("")
    : text;
  const place = plain.toLowerCase().indexOf(wanted.toLowerCase());
  if (place < 0) return null;
  const from = Math.max(0, Math.min(place - MOST_TEXT / 3, plain.length - MOST_TEXT));
  const cut = plain.slice(from, from + MOST_TEXT);
  return `${from > 0 ? "…" : ""}${cut}${from + MOST_TEXT < plain.length ? "…" : ""}`;
};

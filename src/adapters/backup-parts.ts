import { type FileHandle, open } from "node:fs/promises";
import { PlumblineError } from "../model/errors.ts";

/** One part as it lies in the file: a line of JSON, its bytes, a line break. */
export interface Part {
  readonly head: PartHead;
  /** The header line with its line break. */
  readonly raw: Uint8Array;
  readonly stored: Uint8Array;
  /** What stood before: the first line, at the first part. */
  readonly preface: Uint8Array;
}

export interface PartHead {
  readonly part: "manifest" | "rows" | "artifact" | "end";
  readonly table?: string;
  readonly key?: string;
  readonly stored: number;
  readonly compressed: boolean;
  readonly sha256: string;
}

const LINE_LIMIT = 64 * 1024;
const PART_LIMIT = 2 ** 31 - 1;
const FIRST_LINE = /^PLUMBLINE-BACKUP (\d{1,9})$/;

/** Cuts a backup into its parts and checks their form, not their content. Holds one part in memory. */
export async function* openParts(path: string, format: number): AsyncGenerator<Part> {
  const file = await open(path, "r").catch((cause: NodeJS.ErrnoException) => {
    throw new PlumblineError("wrong-arguments", `${path} cannot be read (${cause.code}).`, { cause });
  });
  try {
    const { size } = await file.stat();
    let preface = await lineAt(file, 0);
    checkFormat(preface, format);
    for (let at = preface.byteLength; at < size; ) {
      const raw = await lineAt(file, at);
      const head = headOf(raw);
      const from = at + raw.byteLength;
      at = from + head.stored + 1;
      if (at > size) throw cut();
      const bytes = await bytesAt(file, from, head.stored + 1);
      if (bytes.at(-1) !== LINE_BREAK) throw malformed();
      yield { head, raw, stored: bytes.subarray(0, head.stored), preface };
      preface = Buffer.alloc(0);
    }
  } finally {
    await file.close();
  }
}

const LINE_BREAK = 10;

const lineAt = async (file: FileHandle, at: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(LINE_LIMIT), 0, LINE_LIMIT, at);
  const end = buffer.subarray(0, bytesRead).indexOf(LINE_BREAK);
  if (end >= 0) return buffer.subarray(0, end + 1);
  throw bytesRead < LINE_LIMIT && at > 0 ? cut() : malformed();
};

const bytesAt = async (file: FileHandle, at: number, count: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(count), 0, count, at);
  if (bytesRead < count) throw cut();
  return buffer;
};

const checkFormat = (line: Buffer, format: number): void => {
  const [, written] = FIRST_LINE.exec(line.toString().trimEnd()) ?? [];
  if (written === undefined) throw malformed();
  if (Number(written) > format)
    throw new PlumblineError(
      "backup-newer",
      `The backup has form ${written}, and this Plumbline reads up to ${format}.`,
    );
};

const headOf = (raw: Buffer): PartHead => {
  try {
    const head = JSON.parse(raw.toString()) as PartHead;
    const { part, stored, sha256 } = head;
    const sound = Number.isSafeInteger(stored) && stored >= 0 && stored < PART_LIMIT;
    if (sound && typeof part === "string" && typeof sha256 === "string") return head;
  } catch {}
  throw malformed();
};

export const corrupt = (why: string, cause?: unknown): PlumblineError =>
  new PlumblineError("backup-corrupt", `The backup cannot be used: ${why}.`, { cause });
const cut = (): PlumblineError => corrupt("it was cut off");
const malformed = (): PlumblineError => corrupt("it is no backup of Plumbline, or was changed");

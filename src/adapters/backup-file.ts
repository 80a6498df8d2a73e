import { createHash, type Hash } from "node:crypto";
import { chmod, type FileHandle, link, open, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { PlumblineError } from "../model/errors.ts";
import type { Json } from "../model/json.ts";
import { corrupt, openParts, type PartHead } from "./backup-parts.ts";

/** The form of the file (docs/backup.md). A reader refuses a higher one. */
export const BACKUP_FORMAT = 1;
const MAGIC = "PLUMBLINE-BACKUP";

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** What a part is, told in its header beside size and hash. */
export type PartKind = Pick<PartHead, "part" | "table" | "key">;

export interface BackupWriter {
  /** Text is compressed; sealed artifacts can't be. */
  add(kind: PartKind, content: Uint8Array, compressed: boolean): Promise<void>;
}

/** Where the bytes of a backup go, in order. */
export interface Sink {
  write(content: Uint8Array): Promise<void>;
}

/**
 * Writes a backup that appears under `path` whole or not at all, for its owner alone. `end` is told with the trailer.
 * Fails with `not-writable`, also where a file is there already.
 */
export const writeBackup = (
  path: string,
  work: (writer: BackupWriter) => Promise<Readonly<Record<string, Json>>>,
): Promise<{ readonly bytes: number; readonly sha256: string }> =>
  intoFile(path, (file) => writeParts({ write: (content) => file.writeFile(content) }, work));

/** Gives `work` a file that gets its name when it is done, and that is gone where it fails. */
export const intoFile = async <T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> => {
  const unfinished = `${path}.${process.pid}.unfinished`;
  try {
    const file = await open(unfinished, "wx", 0o600);
    try {
      await chmod(unfinished, 0o600);
      const done = await work(file);
      await file.sync();
      await link(unfinished, path);
      return done;
    } finally {
      await file.close();
    }
  } catch (thrown) {
    throw asNotWritable(path, thrown);
  } finally {
    await rm(unfinished, { force: true });
  }
};

/** Writes what `work` adds, and the trailer; tells the size and the hash of everything. */
export const writeParts = async (
  sink: Sink,
  work: (writer: BackupWriter) => Promise<Readonly<Record<string, Json>>>,
): Promise<{ readonly bytes: number; readonly sha256: string }> => {
  const whole = createHash("sha256");
  let [bytes, parts] = [0, 0];
  const write = async (content: Uint8Array): Promise<void> => {
    whole.update(content);
    bytes += content.byteLength;
    await sink.write(content);
  };
  const add: BackupWriter["add"] = async (kind, content, compressed) => {
    const stored = compressed ? await compress(content) : content;
    const head = { ...kind, stored: stored.byteLength, compressed, sha256: hex(content) };
    await write(Buffer.from(`${JSON.stringify(head)}\n`));
    await write(stored);
    await write(Buffer.from("\n"));
    parts += 1;
  };
  await write(Buffer.from(`${MAGIC} ${BACKUP_FORMAT}\n`));
  const told = await work({ add });
  const end = { ...told, parts, sha256: whole.copy().digest("hex") };
  await add({ part: "end" }, Buffer.from(JSON.stringify(end)), false);
  return { bytes, sha256: whole.digest("hex") };
};

const asNotWritable = (path: string, thrown: unknown): unknown => {
  const code = String((thrown as NodeJS.ErrnoException | null)?.code ?? "");
  if (thrown instanceof PlumblineError) return thrown;
  if (code === "EEXIST")
    return new PlumblineError("not-writable", `${path} exists already, and a backup overwrites nothing.`, {
      hint: "Name a file that does not exist.",
    });
  if (!["EACCES", "EROFS", "EPERM", "ENOSPC", "ENOENT", "ENOTDIR"].includes(code)) return thrown;
  return new PlumblineError("not-writable", `${path} cannot be written (${code}).`, {
    cause: thrown,
    hint: "Name a file in a folder that exists and that this user may write to.",
  });
};

export interface OpenedPart {
  readonly kind: PartKind;
  readonly content: Uint8Array;
}

/**
 * The parts in order, each held against its hash, the trailer's facts last. Fails with `backup-corrupt` or
 * `backup-newer`; nothing of a file may be used before it was read to its end once.
 */
export async function* readBackup(path: string): AsyncGenerator<OpenedPart> {
  const whole = createHash("sha256");
  let [parts, ended] = [0, false];
  for await (const part of openParts(path, BACKUP_FORMAT)) {
    if (ended) throw corrupt("something follows its end");
    const { head, stored } = part;
    const content = head.compressed ? await expanded(stored) : stored;
    if (hex(content) !== head.sha256) throw corrupt(`its part ${nameOf(head)} was changed`);
    if (head.part === "end") {
      checkEnd(content, parts, whole);
      ended = true;
    }
    whole.update(part.preface).update(part.raw).update(stored).update("\n");
    parts += 1;
    yield { kind: head, content };
  }
  if (!ended) throw corrupt("it was cut off");
}

const hex = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

const nameOf = ({ part, table, key }: PartHead): string => table ?? key ?? part;

const expanded = async (stored: Uint8Array): Promise<Uint8Array> => {
  try {
    return await expand(stored);
  } catch (cause) {
    throw corrupt("a part of it cannot be expanded", cause);
  }
};

const checkEnd = (content: Uint8Array, parts: number, before: Hash): void => {
  const end = JSON.parse(Buffer.from(content).toString()) as { parts?: unknown; sha256?: unknown };
  if (end.parts !== parts) throw corrupt(`it holds ${parts} of ${String(end.parts)} parts`);
  if (end.sha256 !== before.copy().digest("hex")) throw corrupt("it is not what was written");
};

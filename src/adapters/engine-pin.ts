import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";

/** SHA-256 in hex by `terraform-1.11.4` or `tofu-1.12.6`; empty: any engine may run. */
export type EnginePins = Readonly<Record<string, string>>;

/** Why a binary must not be started; null where it may be. */
export type PinProblem = string | null;

/**
 * Judges a binary before it is started for the first time, and again whenever it has changed: by the operator's pins, and
 * by the checksum that lies beside it (`tofu.sha256`), which a build of ours leaves there.
 */
export const pinProblem = async (binary: string, pins: EnginePins): Promise<PinProblem> => {
  const beside = await besideIt(binary);
  const wanted = Object.values(pins);
  if (wanted.length === 0 && beside === null) return null;
  const found = await fileSha256(binary);
  if (beside !== null && beside !== found)
    return `${binary} has the SHA-256 ${found}, and ${binary}.sha256 says ${beside}`;
  if (wanted.length > 0 && !wanted.includes(found))
    return `${binary} has the SHA-256 ${found}, which engine.sha256 does not name`;
  return null;
};

/** Whether the pin that let a binary run is the one of the version that it then said to be. */
export const isPinnedAs = async (binary: string, name: string, pins: EnginePins): Promise<boolean> =>
  Object.keys(pins).length === 0 || pins[name] === (await fileSha256(binary));

const besideIt = async (binary: string): Promise<string | null> => {
  const text = await readFile(`${binary}.sha256`, "utf8").catch(() => null);
  return text === null ? null : (/^[0-9a-f]{64}/i.exec(text)?.[0].toLowerCase() ?? "nothing that is one");
};

const known = new Map<string, { readonly of: string; readonly sha256: Promise<string> }>();

/** Read once for each content that a path has had: whoever writes to a file cannot set the time of its change. */
export const fileSha256 = async (path: string): Promise<string> => {
  const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  const of = [ino, size, mtimeNs, ctimeNs].join(" ");
  const kept = known.get(path);
  if (kept?.of === of) return kept.sha256;
  const fresh = { of, sha256: readSha256(path) };
  known.set(path, fresh);
  return fresh.sha256;
};

const readSha256 = async (path: string): Promise<string> => {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
};

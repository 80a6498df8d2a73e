import type { ArtifactRef } from "../ports/artifacts.ts";
import { readLogRef, writeLogRef } from "./log-ref.ts";
import type { World } from "./world.ts";

type Stores = Pick<World, "ledger" | "artifacts" | "redactor">;

/** One piece of a kept log. `start` and `bytes` count UTF-8. */
export interface LogPiece {
  readonly start: number;
  readonly bytes: number;
  load(): Promise<Uint8Array>;
}

/** A log no longer than this is one object; a longer one lies in such pieces, so that its end is read alone. */
const PIECE = 1024 * 1024;
const PARTS_AT_ONCE = 16;

/** Puts what the ledger holds of a run's log into the store; returns the reference that the run keeps. */
export const storeLog = async (
  { ledger, artifacts, redactor }: Stores,
  run: string,
  key: string,
): Promise<string> => {
  const put = (name: string, text: string): Promise<ArtifactRef> =>
    // Once more as a whole: a line may have been written before the plan's secrets were learned.
    artifacts.put(name, new TextEncoder().encode(redactor.redact(text)));
  const pieces: ArtifactRef[] = [];
  let text = "";
  for await (const part of partsOf({ ledger }, run)) {
    if (text !== "" && text.length + part.length > PIECE) {
      pieces.push(await put(`${key}/${String(pieces.length).padStart(5, "0")}.txt`, text));
      text = "";
    }
    text += part;
  }
  if (pieces.length === 0) return writeLogRef(await put(`${key}.txt`, text));
  if (text !== "") pieces.push(await put(`${key}/${String(pieces.length).padStart(5, "0")}.txt`, text));
  const list = new TextEncoder().encode(JSON.stringify(pieces));
  return writeLogRef(await artifacts.put(`${key}.json`, list));
};

async function* partsOf({ ledger }: Pick<World, "ledger">, run: string): AsyncGenerator<string> {
  for (let from = 0; ; ) {
    const parts = await ledger.runLogs.read(run, from, PARTS_AT_ONCE);
    for (const { text } of parts) yield text;
    const last = parts.at(-1);
    if (!last) return;
    from = last.start + last.bytes;
  }
}

/** The pieces of a kept log, in order, none of them loaded; null for what is no reference. */
export const keptPieces = async (
  artifacts: World["artifacts"],
  reference: string,
): Promise<readonly LogPiece[] | null> => {
  const ref = readLogRef(reference);
  if (!ref) return null;
  const refs = ref.key.endsWith(".json")
    ? (JSON.parse(new TextDecoder().decode(await artifacts.get(ref))) as readonly ArtifactRef[])
    : [ref];
  let start = 0;
  return refs.map((one) => {
    const piece = { start, bytes: one.bytes, load: () => artifacts.get(one) };
    start += one.bytes;
    return piece;
  });
};

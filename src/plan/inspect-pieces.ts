import type { Catalogue } from "../model/catalogue.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { parseJson } from "../model/lossless-json.ts";
import type { Inspection, ResourceChange } from "../model/plan.ts";
import { startJudging } from "./inspect.ts";
import { type MemberReader, readMembers } from "./json-members.ts";
import { sentenceForDocument } from "./not-a-plan.ts";
import { knownFormat, toChange } from "./read.ts";

/**
 * Reads and judges a plan entry by entry, so that neither its text nor its values are ever in memory as a whole.
 * Undefined where the bytes are not exactly one plan as engines write it: `inspectPlanText` reads what wrappers make
 * of one, and says what is wrong with the rest. `chunks` starts from the beginning each time; it may be called twice.
 */
export const inspectPlanPieces = (
  chunks: () => Iterable<Uint8Array>,
  catalogue: Catalogue,
): Inspection | undefined => {
  try {
    const first = readPieces(chunks(), catalogue, null);
    // Engines write the drift first. Where it comes after the changes, nobody knew which of them would matter.
    const read = first?.isDriftLate ? readPieces(chunks(), catalogue, first.drift) : first;
    return read?.inspection();
  } catch (failure) {
    if (NOT_OURS.some((kind) => failure instanceof kind)) return undefined;
    throw failure;
  }
};

class NoPiece extends Error {}

// Broken JSON, or a value nested beyond all measure.
const NOT_OURS = [NoPiece, SyntaxError, RangeError];

interface Pieces {
  readonly drift: readonly ResourceChange[];
  readonly isDriftLate: boolean;
  readonly inspection: () => Inspection | undefined;
}

const readPieces = (
  chunks: Iterable<Uint8Array>,
  catalogue: Catalogue,
  knownDrift: readonly ResourceChange[] | null,
): Pieces | undefined => {
  const frame = new Map<string, Json>();
  const drift: ResourceChange[] = [];
  const touching: ResourceChange[] = [];
  const judged = startJudging(catalogue);
  let isDriftLate = false;
  let drifted: ReadonlySet<string> = new Set();
  const addChange = (change: ResourceChange): void => {
    judged.add(change);
    const addresses = [change.address, change.previousAddress];
    if (addresses.some((address) => address !== null && drifted.has(address))) touching.push(change);
  };
  const reader: MemberReader = {
    taking: (name) => {
      // Of two members of one name the last one counts; no engine writes that.
      if (frame.has(name)) throw new NoPiece();
      if (name === "resource_drift") isDriftLate = knownDrift === null && frame.has("resource_changes");
      if (name === "resource_changes") drifted = new Set((knownDrift ?? drift).map(({ address }) => address));
      // The changes say whether it is needed, so it must not come before them.
      if (name === "configuration" && !frame.has("resource_changes")) throw new NoPiece();
      frame.set(name, null);
      if (name === "configuration") return judged.asksCode() ? "whole" : "skip";
      return LISTS.includes(name) ? "each" : FRAME.includes(name) ? "whole" : "skip";
    },
    take: (name, text) => {
      const value = parseJson(text);
      if (!LISTS.includes(name)) frame.set(name, value);
      else if (!isJsonObject(value)) throw new NoPiece();
      else if (name === "resource_drift") drift.push(toChange(value));
      else addChange(toChange(value));
    },
  };
  if (!readMembers(chunks, reader)) return undefined;
  const inspection = (): Inspection | undefined => {
    const document = Object.fromEntries(frame);
    const formatVersion = document["format_version"];
    if (typeof formatVersion !== "string" || formatVersion === "") return undefined;
    if (sentenceForDocument(document) !== undefined) return undefined;
    const errored = document["errored"] === true;
    const { configuration = null } = document;
    return judged.end({
      formatVersion: knownFormat(document),
      errored,
      drift,
      changes: touching,
      configuration: isJsonObject(configuration) ? configuration : null,
    });
  };
  return { drift, isDriftLate, inspection };
};

const LISTS = ["resource_changes", "resource_drift"];

/** What tells a plan from other documents, and the little that an inspection tells of it beside its changes. */
const FRAME = ["format_version", "errored", "@message", "@level", "version", "valid"];

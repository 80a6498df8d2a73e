import { bytesText, countText } from "../model/amount-text.ts";
import type { LiveTable, SchemaContext } from "../model/schema-context.ts";

/** `app.orders holds about 420 million rows in 310 GB, pii.` */
export const sizeText = (name: string, { rows, bytes, classification }: LiveTable): string => {
  const kind = classification === null ? "" : `, ${classification}`;
  if (rows === 0) return `${name} holds no rows${kind}.`;
  return `${name} holds about ${countText(rows)} ${rows === 1 ? "row" : "rows"} in ${bytesText(bytes)}${kind}.`;
};

const SHOWN = 5;

export const dependantsText = ({ dependants }: LiveTable): string => {
  if (dependants.length === 0) return "";
  const named = dependants.slice(0, SHOWN).map(({ kind, name }) => `${kind} ${name}`);
  const more = dependants.length > SHOWN ? `, and ${dependants.length - SHOWN} more` : "";
  return `Used by ${named.join(", ")}${more}.`;
};

/** When it was last read, as far as the server has counted. */
export const useText = ({ reads, lastRead }: LiveTable, { countedSince }: SchemaContext): string => {
  const since = countedSince === null ? "" : ` since ${countedSince.toISOString().slice(0, 10)}`;
  if (reads === 0) return `Nobody has read it${since}.`;
  const last = lastRead === null ? "" : `, last on ${lastRead.toISOString().slice(0, 10)}`;
  return `Read ${countText(reads)} ${reads === 1 ? "time" : "times"}${since}${last}.`;
};

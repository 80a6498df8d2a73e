import { CALLBACK_EVENTS, isSqlFile, readMigrationName } from "./names.ts";

/** Why a name that looks like a migration's is none; null for a migration, and for what was never meant to be one. */
export const strayReason = (name: string): string | null => {
  if (!isSqlFile(name) || readMigrationName(name) !== null) return null;
  const base = name.slice(0, -".sql".length);
  const event = CALLBACK_EVENTS.find((known) => known.toLowerCase() === base.toLowerCase().split("__")[0]);
  if (event) return `the event is written ${event}`;
  if (/^(before|after)[A-Z]\w*/.test(base) && !OTHER_EVENTS.test(base))
    return "Flyway's migrate has no such event";
  return looksMeant(base) ? misnamed(base) : null;
};

const looksMeant = (base: string): boolean =>
  readMigrationName(`${base}.sql`) !== null || /^[vbu][ ._-]?\d|^[vrbu]__/i.test(base) || /^R_/.test(base);

// Flyway calls these in commands that are not here; teams may have them.
const OTHER_EVENTS =
  /^(before|after)(Each)?(Clean|Info|Undo|Repair|Baseline|Connect|Version|Deploy|Snapshot|Drift)/;

const misnamed = (base: string): string => {
  if (/^[vrbu]/.test(base)) return `it begins with a small letter: ${base[0]?.toUpperCase()} is meant`;
  const [head = "", ...rest] = base.split("__");
  if (/^[VBU]_*$/.test(head) && rest.length > 0) return "it has no version";
  if (rest.length === 0) return "two underscores part what it is from its description";
  return `${JSON.stringify(head.slice(1))} is no version: numbers, with dots or single underscores between them`;
};

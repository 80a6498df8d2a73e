import { createHash } from "node:crypto";
import { parseDuration } from "./duration.ts";

/**
 * Schedules: five cron fields (minute, hour, day of month, month, day of week; in UTC) or an interval such as `6h`.
 * Why the text is none, `undefined` when it is one.
 */
export const scheduleProblem = (schedule: string): string | undefined => {
  const parsed = parseSchedule(schedule);
  return typeof parsed === "string" ? parsed : undefined;
};

/**
 * The slot that begins for this workspace in the minute of `now`, `null` when none does. Each workspace is moved by
 * its own share of the jitter, always the same one, so that a fleet does not start at once. Every replica computes the
 * same slot, so that one job is kept per slot. `lookBackMinutes` finds slots that a late tick has missed.
 */
export const slotOf = (
  workspace: string,
  schedule: string,
  now: Date,
  jitterSeconds: number,
  lookBackMinutes = 0,
): string | null => {
  const parsed = parseSchedule(schedule);
  if (typeof parsed === "string") return null;
  const minute = Math.floor(now.getTime() / MINUTE);
  const moved = movedBy(workspace, parsed, jitterSeconds);
  for (let back = 0; back <= lookBackMinutes; back += 1) {
    const slot = minute - back - moved;
    if (parsed.beginsAt(slot)) return new Date(slot * MINUTE).toISOString().slice(0, 16).concat("Z");
  }
  return null;
};

/**
 * How many slots of a workspace began after `from` and up to `to`; `null` where the schedule is none. Stops counting at
 * two, and reads `LONGEST_COUNT` minutes at most: who asks wants to know whether a slot was missed.
 */
export const slotsBetween = (
  workspace: string,
  schedule: string,
  from: Date,
  to: Date,
  jitterSeconds: number,
): number | null => {
  const parsed = parseSchedule(schedule);
  if (typeof parsed === "string") return null;
  const moved = movedBy(workspace, parsed, jitterSeconds);
  const last = Math.floor(to.getTime() / MINUTE) - moved;
  const first = Math.max(Math.floor(from.getTime() / MINUTE) - moved + 1, last - LONGEST_COUNT);
  let slots = 0;
  for (let minute = first; minute <= last && slots < 2; minute += 1) if (parsed.beginsAt(minute)) slots += 1;
  return slots;
};

/** When the next slot of a workspace begins after `now`; `null` where the schedule is none. */
export const nextSlot = (
  workspace: string,
  schedule: string,
  now: Date,
  jitterSeconds: number,
): Date | null => {
  const parsed = parseSchedule(schedule);
  if (typeof parsed === "string") return null;
  const moved = movedBy(workspace, parsed, jitterSeconds);
  const next = parsed.nextFrom(Math.floor(now.getTime() / MINUTE) + 1 - moved);
  return next === null ? null : new Date((next + moved) * MINUTE);
};

/** How long after the named time of a slot it begins for this workspace, in seconds; 0 where the schedule is none. */
export const jitterOf = (workspace: string, schedule: string, jitterSeconds: number): number => {
  const parsed = parseSchedule(schedule);
  return typeof parsed === "string" ? 0 : (movedBy(workspace, parsed, jitterSeconds) * MINUTE) / 1000;
};

const movedBy = (workspace: string, { spread }: Schedule, jitterSeconds: number): number => {
  const most = Math.floor(Math.min(jitterSeconds * 1000, spread) / MINUTE);
  return most > 0 ? shareOf(workspace) % (most + 1) : 0;
};

const MINUTE = 60_000;
/** A quarter of a year. */
const LONGEST_COUNT = 92 * 24 * 60;

/** Minutes. The 29th of February may be eight years away. */
const DAY = 24 * 60;
const LONGEST_WAIT = 8 * 366 * DAY;

interface Schedule {
  /** Whether a slot begins in this minute, counted from 1970. */
  readonly beginsAt: (minute: number) => boolean;
  /** The first minute from this one on in which a slot begins. */
  readonly nextFrom: (minute: number) => number | null;
  /** The most that jitter may move it, in milliseconds. */
  readonly spread: number;
}

/** A stable number for a text; jitter must not change with a restart or a replica. */
const shareOf = (text: string): number => createHash("sha256").update(text).digest().readUInt32BE(0);

const parseSchedule = (schedule: string): Schedule | string => {
  const interval = parseDuration(schedule.trim());
  if (interval !== undefined) {
    if (interval < MINUTE) return "an interval is at least one minute";
    const minutes = Math.floor(interval / MINUTE);
    return {
      beginsAt: (minute) => minute % minutes === 0,
      nextFrom: (minute) => Math.ceil(minute / minutes) * minutes,
      spread: interval - MINUTE,
    };
  }
  const texts = schedule.trim().split(/\s+/);
  if (texts.length !== 5)
    return "it needs five fields (minute hour day month weekday) or an interval such as 6h";
  const fields: ReadonlySet<number>[] = [];
  for (const [index, text] of texts.entries()) {
    const values = parseField(text, FIELDS[index]!);
    if (typeof values === "string") return values;
    fields.push(values);
  }
  return cronOf(fields as unknown as Fields, texts);
};

type Fields = readonly [
  minutes: ReadonlySet<number>,
  hours: ReadonlySet<number>,
  days: ReadonlySet<number>,
  months: ReadonlySet<number>,
  weekdays: ReadonlySet<number>,
];

const cronOf = (
  [minutes, hours, days, months, weekdays]: Fields,
  texts: readonly string[],
): Schedule | string => {
  // As cron has it: where both kinds of day are named, one of them is enough.
  const anyDay = texts[2]!.startsWith("*");
  const anyWeekday = texts[4]!.startsWith("*");
  const reachable = [...months].some((month) => [...days].some((day) => day <= LONGEST_MONTH[month - 1]!));
  if (anyWeekday && !reachable) return "such a day never comes";
  const onDay = (date: Date): boolean => {
    const day = days.has(date.getUTCDate());
    const weekday = weekdays.has(date.getUTCDay());
    return anyDay || anyWeekday ? day && weekday : day || weekday;
  };
  /** 0 where a slot begins in this minute, else how many minutes on the next one may. */
  const isOff = (minute: number): number => {
    const date = new Date(minute * MINUTE);
    if (!months.has(date.getUTCMonth() + 1) || !onDay(date)) return DAY - (minute % DAY);
    if (!hours.has(date.getUTCHours())) return 60 - (minute % 60);
    return minutes.has(date.getUTCMinutes()) ? 0 : 1;
  };
  const nextFrom = (first: number): number | null => {
    let minute = first;
    for (let off = isOff(minute); off > 0; off = isOff(minute)) {
      minute += off;
      if (minute - first > LONGEST_WAIT) return null;
    }
    return minute;
  };
  return { beginsAt: (minute) => isOff(minute) === 0, nextFrom, spread: Number.POSITIVE_INFINITY };
};

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly names?: readonly string[];
}

const LONGEST_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: readonly Field[] = [
  { name: "minute", from: 0, to: 59 },
  { name: "hour", from: 0, to: 23 },
  { name: "day of the month", from: 1, to: 31 },
  { name: "month", from: 1, to: 12, names: ["", ...MONTHS] },
  { name: "day of the week", from: 0, to: 7, names: WEEKDAYS },
];

const parseField = (text: string, field: Field): ReadonlySet<number> | string => {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const range = parsePart(part, field);
    if (!range) return `\`${part}\` is no ${field.name} (${field.from} to ${field.to})`;
    // Sunday is 0 and 7.
    for (let value = range.from; value <= range.to; value += range.step)
      values.add(field.to === 7 ? value % 7 : value);
  }
  return values;
};

const parsePart = (part: string, field: Field): { from: number; to: number; step: number } | undefined => {
  const found = /^(?:\*|([a-z\d]+)(?:-([a-z\d]+))?)(?:\/(\d{1,2}))?$/i.exec(part);
  if (!found) return undefined;
  const [, first, last, every] = found;
  const from = first === undefined ? field.from : numberIn(first, field);
  const open = first === undefined || (every !== undefined && last === undefined);
  const to = last === undefined ? (open ? field.to : from) : numberIn(last, field);
  const step = every === undefined ? 1 : Number(every);
  if (from === undefined || to === undefined || from > to || step === 0) return undefined;
  return { from, to: first === undefined && field.to === 7 ? 6 : to, step };
};

const numberIn = (text: string, { from, to, names }: Field): number | undefined => {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  const value = named >= 0 ? named : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= from && value <= to ? value : undefined;
};

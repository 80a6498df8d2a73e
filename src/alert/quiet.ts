import { isAtLeast, type QuietHours, type Severity } from "../model/alert.ts";

/** Whether people are let sleep over an alert of this severity. */
export const isQuiet = (hours: readonly QuietHours[], severity: Severity, now: Date): boolean =>
  hours.some((one) => !isAtLeast(severity, one.below) && isWithin(one, now));

const isWithin = ({ from, to, days, timezone }: QuietHours, now: Date): boolean => {
  const { day, minute } = localTime(now, timezone);
  if (from <= to) return minute >= from && minute < to && days.includes(day);
  // Over midnight: the early hours belong to the evening before.
  if (minute >= from) return days.includes(day);
  return minute < to && days.includes((day + 6) % 7);
};

/** The last time at or before `now` at which it was this minute of the day there. */
export const lastSlot = (minute: number, timezone: string, now: Date): Date => {
  const local = localTime(now, timezone);
  const since = (local.minute - minute + DAY) % DAY;
  const here = new Date(Math.floor(now.getTime() / 60_000) * 60_000);
  const slot = new Date(here.getTime() - since * 60_000);
  // Where the clocks were changed in between, the slot is an hour off.
  const off = localTime(slot, timezone).minute - minute;
  const mended = new Date(slot.getTime() - (((off + DAY + DAY / 2) % DAY) - DAY / 2) * 60_000);
  return mended > now ? slot : mended;
};

const DAY = 24 * 60;
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

const localTime = (at: Date, timeZone: string): { readonly day: number; readonly minute: number } => {
  const parts = formatOf(timeZone).formatToParts(at);
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? "";
  return { day: DAYS.indexOf(of("weekday")), minute: Number(of("hour")) * 60 + Number(of("minute")) };
};

const formats = new Map<string, Intl.DateTimeFormat>();
const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    ...{ timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  });
  formats.set(timeZone, made);
  return made;
};

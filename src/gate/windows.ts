import type { GateReason } from "../model/decision.ts";
import { type ApplyWindow, WEEKDAYS, type Weekday } from "../model/governance.ts";
import type { StatefulFacts } from "./stateful-facts.ts";

/** A class with windows is applied within one of them only. */
export const windowGate = (facts: StatefulFacts): readonly GateReason[] => {
  const { windows } = facts.governance.classes[facts.class];
  if (facts.freezeOverride || isOpen(windows, facts.now)) return [];
  return [
    {
      gate: "outside-window",
      message: `Changes of class ${facts.class} are applied in their windows only, and none is open.`,
      wayOut: `Comment \`${facts.trigger} apply\` within one of them.`,
      details: windows.map(windowText),
    },
  ];
};

/** A class without windows is open at any time. */
export const isOpen = (windows: readonly ApplyWindow[], now: Date): boolean =>
  windows.length === 0 || windows.some((one) => isWithin(one, now));

const windowText = ({ days, from, to, timezone }: ApplyWindow): string =>
  `${days.length === WEEKDAYS.length ? "every day" : days.join(", ")} ${from} to ${to} ${timezone}`;

/** Whether a time lies in the window; one that reaches past midnight belongs to the day on which it began. */
export const isWithin = ({ days, from, to, timezone }: ApplyWindow, now: Date): boolean => {
  const { day, time } = localTime(now, timezone);
  if (from <= to) return days.includes(day) && time >= from && time < to;
  return (days.includes(day) && time >= from) || (days.includes(dayBefore(day)) && time < to);
};

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
/** Where a day in between is an hour shorter or longer, a window opens that much earlier or later. */
const SHIFTS = [-60, 0, 60];

/** When the first of the windows opens, to the minute; null where none does within the week after `now`. */
export const nextOpening = (windows: readonly ApplyWindow[], now: Date): Date | null => {
  const start = Math.floor(now.getTime() / MINUTE_MS);
  const minutes = windows.flatMap(({ from, timezone }) => {
    const ahead = (minuteOf(from) - minuteOf(localTime(now, timezone).time) + DAY_MINUTES) % DAY_MINUTES;
    return [0, 1, 2, 3, 4, 5, 6, 7].flatMap((day) =>
      SHIFTS.map((shift) => start + ahead + day * DAY_MINUTES + shift),
    );
  });
  const first = minutes
    .filter((minute) => minute > start)
    .toSorted((left, right) => left - right)
    .find((minute) => windows.some((one) => isWithin(one, new Date(minute * MINUTE_MS))));
  return first === undefined ? null : new Date(first * MINUTE_MS);
};

const minuteOf = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
};

const dayBefore = (day: Weekday): Weekday => WEEKDAYS[(WEEKDAYS.indexOf(day) + 6) % 7] ?? day;

const localTime = (now: Date, timeZone: string): { readonly day: Weekday; readonly time: string } => {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(now);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return { day: part("weekday").toLowerCase() as Weekday, time: `${part("hour")}:${part("minute")}` };
};

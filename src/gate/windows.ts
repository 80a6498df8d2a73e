import type { GateReason } from "../model/decision.ts";
import { type ApplyWindow, WEEKDAYS, type Weekday } from "../model/governance.ts";
import type { StatefulFacts } from "./stateful-facts.ts";

/** A class with windows is applied within one of them only. */
export const windowGate = (facts: StatefulFacts): readonly GateReason[] => {
  const { windows } = facts.governance.classes[facts.class];
  if (windows.length === 0 || facts.freezeOverride || windows.some((one) => isWithin(one, facts.now)))
    return [];
  return [
    {
      gate: "outside-window",
      message: `Changes of class ${facts.class} are applied in their windows only, and none is open.`,
      wayOut: `Comment \`${facts.trigger} apply\` within one of them.`,
      details: windows.map(windowText),
    },
  ];
};

const windowText = ({ days, from, to, timezone }: ApplyWindow): string =>
  `${days.length === WEEKDAYS.length ? "every day" : days.join(", ")} ${from} to ${to} ${timezone}`;

/** Whether a time lies in the window; one that reaches past midnight belongs to the day on which it began. */
export const isWithin = ({ days, from, to, timezone }: ApplyWindow, now: Date): boolean => {
  const { day, time } = localTime(now, timezone);
  if (from <= to) return days.includes(day) && time >= from && time < to;
  return (days.includes(day) && time >= from) || (days.includes(dayBefore(day)) && time < to);
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

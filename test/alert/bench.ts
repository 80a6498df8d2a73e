import { planChannel } from "../../src/alert/plan-channel.ts";
import type { Leading, Told } from "../../src/alert/thread.ts";
import { ALERT_RULES, type AlertRules, type AlertThread, type LiveAlert } from "../../src/model/alert.ts";

/** 2026-01-05 is a Monday. */
export const at = (time: string): Date => new Date(`2026-01-05T${time}:00Z`);

export const alert = (name: string, more: Partial<LiveAlert> = {}): LiveAlert => ({
  id: `${name}:1`,
  fingerprint: name,
  workspace: "acme/infra//prod#default",
  severity: "warning",
  owners: ["@acme/platform"],
  title: `Drift: ${name}`,
  text: `${name} was changed.`,
  url: "https://forge.example/acme/infra/pull/7",
  who: null,
  openedAt: at("12:00"),
  endedAt: null,
  ending: { title: `Drift ended: ${name}`, text: `${name} is no longer drifted.` },
  finding: 7,
  acked: null,
  snoozedUntil: null,
  ...more,
});

/** A channel with its memory: each `ask` says and keeps all that is owed then. */
export const channelOf = (rules: Partial<AlertRules> = {}, channel = "ops", lead: Partial<Leading> = {}) => {
  const threads = new Map<string, AlertThread>();
  return {
    threads,
    ask: (now: Date, alerts: readonly LiveAlert[]): readonly Told["message"][] => {
      const { told, over } = planChannel({
        ...{ channel, alerts, now, rules: { ...ALERT_RULES, ...rules } },
        threads: [...threads.values()],
        linksOf: ({ url }) => (url === null ? [] : [{ label: "Revert", url }]),
        listOf: ({ key }) =>
          `https://plumbline.example/findings?told=${encodeURIComponent(`${channel}:${key}`)}`,
        ...lead,
      });
      for (const thread of [...over, ...told.map((one) => one.thread)]) threads.set(thread.key, thread);
      return told.map(({ message }) => message);
    },
  };
};

export const said = (messages: readonly Told["message"][]): readonly string[] =>
  messages.map(({ event, kind, isQuiet, alerts }) =>
    [
      event,
      ...(kind === "single" ? [] : [kind]),
      ...(isQuiet ? ["quietly"] : []),
      ...(alerts.length === 1 ? [] : [alerts.length]),
    ].join(" "),
  );

import type { AlertLink, AlertMessage, AlertView } from "../model/alert.ts";

/** Whether a message is about one thing, however often that opened. */
export const isAboutOne = ({ kind }: Pick<AlertMessage, "kind">): boolean =>
  kind === "single" || kind === "flapping";

/** The one thing that a message is about; null where there are several, and of a test. */
export const subjectOf = (message: Pick<AlertMessage, "kind" | "alerts">): AlertView | null =>
  isAboutOne(message) ? (message.alerts[0] ?? null) : null;

/** Where to act, each page once: `Formalize, Revert, Snooze`. For where there is no room for a button each. */
export const placesOf = ({ links }: Pick<AlertView, "links">): readonly AlertLink[] => {
  const labels = new Map<string, string[]>();
  for (const { label, url } of links) {
    // A link to one of the ways is the page's address and the way.
    const way = `/${label.toLowerCase()}`;
    const page = url.endsWith(way) ? url.slice(0, -way.length) : url;
    labels.set(page, [...(labels.get(page) ?? []), label]);
  }
  return [...labels].map(([url, all]) => ({ label: all.join(", "), url }));
};

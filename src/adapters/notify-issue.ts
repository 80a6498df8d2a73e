import { createHash } from "node:crypto";
import { placesOf, subjectOf } from "../alert/subject.ts";
import type { AlertLink, AlertMessage } from "../model/alert.ts";
import { parseWorkspaceKey } from "../model/workspace.ts";
import type { Forge } from "../ports/forge.ts";
import type { Notifier } from "../ports/notify.ts";
import { code, plain } from "../report/escape.ts";

export interface IssueNotifierOptions {
  readonly name: string;
  /** Null: the repository of the alert's workspace. */
  readonly repo: string | null;
  readonly forge: Pick<Forge, "upsertIssue" | "closeIssue" | "defaultBranch">;
}

/** An issue per thread: opened, rewritten, closed. Alerts about no repository need one that is named. */
export const issueNotifier = ({ name, repo, forge }: IssueNotifierOptions): Notifier => ({
  name,
  send: async (message) => {
    const place =
      repo ?? placeIn(message.ref) ?? parseWorkspaceKey(message.alerts[0]?.workspace ?? "")?.repo ?? null;
    if (place === null)
      return { ref: null, answer: "it is about no repository, and none is named", skipped: true };
    const marker = markerOf(message.thread);
    const close = (): Promise<void> => forge.closeIssue(place, marker, plain(message.text));
    if (message.event === "ended") {
      await close();
      return { ref: message.ref, answer: `closed in ${place}` };
    }
    const { number } = await forge.upsertIssue(place, marker, {
      title: message.title.slice(0, 200),
      body: `${bodyOf(message)}\n\n${marker}`,
    });
    if (message.event === "test") await close();
    return { ref: place, answer: `${place}#${number}` };
  },
  ...(repo === null ? { unprobed: true as const } : {}),
  probe: async () => {
    if (repo === null) return "It writes where each alert's workspace is; the forge is checked by itself.";
    await forge.defaultBranch(repo);
    return `It writes in ${repo}, which the forge shows.`;
  },
});

/** Where its issue is, whichever alert is the worst by now; null for what a channel of another kind left by this name. */
const placeIn = (ref: string | null): string | null => (ref !== null && REPO.test(ref) ? ref : null);

const REPO = /^[\w.-]+(\/[\w.-]+)+$/;

/** A comment that a body carries; nothing of a live value is in it. */
const markerOf = (thread: string): string =>
  `<!-- plumbline:alert:${createHash("sha256").update(thread).digest("hex").slice(0, 32)} -->`;

const MOST_ALERTS = 100;

const bodyOf = (message: AlertMessage): string => {
  const { alerts, severity } = message;
  const one = subjectOf(message);
  const links = linked(message.links);
  const lines = message.text.split("\n").map(plain).join("\n\n");
  if (one || alerts.length === 0)
    return [`**${severity}**`, lines, ...links, ...ownerLine(one?.owners ?? [])].join("\n\n");
  const rows = alerts
    .slice(0, MOST_ALERTS)
    .map((alert) =>
      [
        `- ${alert.endedAt ? "ended" : alert.severity}: ${plain(alert.workspace)}: ${plain(alert.title)}`,
        ...linked(placesOf(alert)),
      ].join(" · "),
    );
  const more = alerts.length > MOST_ALERTS ? [`- and ${alerts.length - MOST_ALERTS} more`] : [];
  return [`**${severity}**`, ...links, [...rows, ...more].join("\n")].join("\n\n");
};

/** One line of links; none where there is nowhere to go. */
const linked = (links: readonly AlertLink[]): readonly string[] =>
  links.length === 0
    ? []
    : [
        links
          .map(({ label, url }) => `[${label}](<${url.replaceAll(/[<>]/g, encodeURIComponent)}>)`)
          .join(" · "),
      ];

/** Without an `@`: an issue that is rewritten must not ring whole teams. */
const ownerLine = (owners: readonly string[]): readonly string[] =>
  owners.length === 0 ? [] : [`Owned by ${owners.map(code).join(", ")}.`];

import { type Finding, placeText } from "../model/finding.ts";
import { driftCommand } from "./drift-pull-command.ts";
import { databaseLines } from "./drift-pull-database.ts";
import type { Danger, DriftPullFinding, DriftPullView } from "./drift-pull-view.ts";
import { isGrave } from "./drift-pull-view.ts";
import { code, plain } from "./escape.ts";
import { CAUSE_TEXT, valueText } from "./finding-text.ts";

/** One finding wholly told: what happened, since when, by whom, and each way out with what it does and its command. */
export const findingSection = (view: DriftPullView, finding: DriftPullFinding): readonly string[] => [
  `#### ${isGrave(finding) ? "⚠️ " : ""}${code(placeText(finding))}`,
  "",
  `${whatHappened(finding)}${seen(finding)}`,
  ...dangerLines(finding.danger),
  "",
  ...(view.database
    ? databaseLines(view, view.database, finding)
    : [`- **Keep it:** ${keeping(view, finding)}`, `- **Undo it:** ${undoing(view, finding)}`]),
  `- **Leave it for now:** ${leaving(view, finding)}`,
  "",
];

const whatHappened = ({ cause, path, desired, actual, sensitive }: DriftPullFinding): string => {
  const what = `${CAUSE_TEXT[cause].charAt(0).toUpperCase()}${CAUSE_TEXT[cause].slice(1)}`;
  if (path === "") return `${what}.`;
  if (sensitive) return `${what}. A secret: its values are shown nowhere.`;
  return `${what}: Git says ${value(desired)}, live is ${value(actual)}.`;
};

const value = (what: Finding["actual"]): string => {
  const text = valueText(what);
  return text.startsWith("(") ? `*${text.slice(1, -1)}*` : code(text);
};

const seen = ({ openedAt, who }: DriftPullFinding): string => {
  const when = openedAt ? ` First seen ${minute(openedAt)}.` : "";
  return who === undefined ? when : `${when} By ${code(who)}.`;
};

/** `2026-11-21 02:10 UTC`. */
export const minute = (at: Date): string => `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;

const dangerLines = (danger: Danger | undefined): readonly string[] =>
  danger ? [`**Class ${danger.class}:** ${danger.messages.map(plain).join(" ")}`] : [];

const keeping = (view: DriftPullView, finding: DriftPullFinding): string => {
  const { formalized = [], refused = [], ignored = [], unselected = [] } = view;
  const pending = ignored.find((place) => isAt(place, finding));
  if (pending) return `this branch proposes to ignore it until ${minute(pending.until)} instead.`;
  if (unselected.some((place) => isAt(place, finding)))
    return `left out of this pull request; it comes back in the next one, or ${driftCommand(view, "formalize", finding)} takes it in instead.`;
  if (formalized.some((place) => isAt(place, finding)))
    return `merging ${finding.cause === "vanished" ? "takes it out of the code" : "writes it into the code"}; nothing live is touched. This alone: ${driftCommand(view, "formalize", finding)}`;
  if (finding.sensitive)
    return "secrets are never written. Put the live value where the code takes it from (a variable, a secret store), push what has to change to this branch, then merge.";
  const why = refused.find((place) => isAt(place, finding))?.reason;
  return `${why === undefined ? "not written as code" : `not written as code: ${plain(why)}`}. Push the code that says so to this branch, then merge.`;
};

const undoing = (view: DriftPullView, finding: DriftPullFinding): string => {
  if (finding.cause === "unmanaged")
    return "the code says nothing about it, so that a revert leaves it as it is; undo it where it was done.";
  const others = view.findings.filter(
    (other) => other.address === finding.address && other.path !== finding.path,
  );
  const along = others.length > 0 ? ` All of ${code(finding.address)} is put back.` : "";
  const danger = finding.undoing
    ? ` **Class ${finding.undoing.class}:** ${finding.undoing.messages.map(plain).join(" ")}`
    : "";
  return `${driftCommand(view, "revert", { ...finding, path: "" })} ${back(finding)}.${along}${danger}`;
};

const back = ({ cause, path, desired, sensitive }: DriftPullFinding): string => {
  if (cause === "vanished") return "creates it anew, without what it held";
  if (path === "" || sensitive) return "applies what the code says";
  return desired === null ? "takes it away" : `sets ${value(desired)} again`;
};

const leaving = (view: DriftPullView, finding: DriftPullFinding): string =>
  driftCommand(view, "ignore", finding, ' --for 14d --reason "..."');

const isAt = (place: Pick<Finding, "address" | "path">, finding: DriftPullFinding): boolean =>
  place.address === finding.address && place.path === finding.path;

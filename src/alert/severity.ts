import type { Severity } from "../model/alert.ts";
import type { ChangeClass } from "../model/change-class.ts";
import type { Finding } from "../model/finding.ts";

export interface SeverityFacts extends Pick<Finding, "cause" | "path" | "sensitive"> {
  /** What the catalogue says of the change; null where it says nothing of danger. */
  readonly danger: ChangeClass | null;
  /** Anybody can now reach or read something that not everybody could. */
  readonly opensToWorld: boolean;
}

/** How bad a change by hand is, by what it did and not by how it came: a database open to the world is not a tag. */
export const severityOf = ({ cause, path, sensitive, danger, opensToWorld }: SeverityFacts): Severity => {
  if (opensToWorld || danger === "R5" || danger === "R4") return "critical";
  if (danger === "R3" || cause === "vanished") return "error";
  // A secret's new value cannot be judged.
  if (danger !== null || sensitive) return "warning";
  return LABELS.test(path) ? "info" : "warning";
};

const LABELS = /^(tags|tags_all|labels|annotations|description|comment|display_name)([.[]|$)/;

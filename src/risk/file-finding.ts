import type { FileFinding } from "../model/stateful-change.ts";

/** A finding in a file as a whole; R3 where nothing else is said. */
export const fileFinding = (
  path: string,
  subject: string,
  rule: string,
  message: string,
  wayOut: string,
  level: FileFinding["class"] = "R3",
): FileFinding => ({ path, subject, rule, class: level, message, wayOut });

import { splitScript } from "./split.ts";

/**
 * The SQL that a DO block's text runs when it is started: statements in it, and EXECUTE of a text that is written
 * there. What it puts together at run time cannot be read; a `format` counts with names in its gaps.
 */
export const statementsInBody = (body: string): readonly string[] =>
  splitScript(body)
    .parts.flatMap((part) => (part.kind === "statement" ? [body.slice(part.start, part.end)] : []))
    .map((piece) => START.exec(piece)?.[1] ?? "")
    .map(executed)
    .filter((text) => text !== "");

const START =
  /(?:^|\b(?:begin|then|else|loop)\s)\s*((?:update|delete|truncate|alter|drop|create|lock|grant|revoke|insert|reindex|cluster|vacuum|refresh|execute|with)\b[\s\S]*)$/i;

const executed = (text: string): string => {
  if (!/^execute\b/i.test(text)) return text;
  const literal = /^execute\s+(?:format\s*\(\s*)?(?:'((?:[^']|'')*)'|\$(\w*)\$([\s\S]*?)\$\2\$)/i.exec(text);
  const written = literal?.[1]?.replaceAll("''", "'") ?? literal?.[3] ?? "";
  return written.replaceAll(/%(?:\d+\$)?L/g, "'x'").replaceAll(/%(?:\d+\$)?[Is]/g, "p_name");
};

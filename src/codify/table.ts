import type { Json } from "../model/json.ts";
import { quoted, renderKey, renderLike } from "./render.ts";

/** `{ a = 1, b = 2 }` on one line where it fits. */
export const table = (
  rows: readonly { readonly key: string; readonly value: Json }[],
  indent: string,
): string => {
  const members = rows.map(
    ({ key, value }) =>
      `${/^\d+$/.test(key) ? quoted(key) : renderKey(key)} = ${renderLike(value, `${indent}  `, "")}`,
  );
  const line = `{ ${members.join(", ")} }`;
  if (line.length < 100 && !line.includes("\n")) return line;
  return `{\n${members.map((member) => `${indent}  ${member}\n`).join("")}${indent}}`;
};

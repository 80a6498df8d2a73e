import { isExactNumber, type Json } from "../model/json.ts";

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const LINE = 100;

/** A value as HCL text. `indent` is that of the line on which it begins; the first line gets none. */
export const render = (value: Json | undefined, indent = ""): string => {
  if (value === null || value === undefined) return "null";
  if (typeof value === "string") return quoted(value);
  if (isExactNumber(value)) return value.rawJSON;
  if (typeof value !== "object") return String(value);
  return Array.isArray(value) ? list(value, indent) : object(value, indent);
};

/** The same on one line, where every member is a scalar. */
export const renderInline = (value: { readonly [key: string]: Json }, indent = ""): string => {
  const members = Object.entries(value);
  const plain = members.every(([, member]) => isScalar(member));
  if (!plain || members.length === 0) return render({ ...value }, indent);
  return `{ ${members.map(([key, member]) => `${renderKey(key)} = ${render(member)}`).join(", ")} }`;
};

/** As the neighbour is: on one line where that is and the value fits. */
export const renderLike = (value: Json, indent: string, neighbour: string): string => {
  if (typeof value !== "object" || value === null || isExactNumber(value) || neighbour.includes("\n"))
    return render(value, indent);
  const line = oneLine(value);
  return line.length < LINE ? line : render(value, indent);
};

const oneLine = (value: Json): string => {
  if (typeof value !== "object" || value === null || isExactNumber(value)) return render(value);
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`;
  const members = Object.entries(value).map(([key, member]) => `${renderKey(key)} = ${oneLine(member)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
};

/** The value of an argument of its own, where a text of several lines may be a heredoc. */
export const renderArgument = (value: Json, indent: string, newline: string): string =>
  typeof value === "string" && newline === "\n" && isHeredocText(value)
    ? heredoc(value, indent)
    : render(value, indent);

// A heredoc always ends in a newline; one with a single line, a carriage return or a blank line reads worse than a text.
const isHeredocText = (text: string): boolean =>
  /\n[^\n]+\n$/.test(text) &&
  !/^[ \t]*$/m.test(text.slice(0, -1)) &&
  !/[\r\t]|\$\$\{|%%\{/.test(text) &&
  !/^EOT$/m.test(text);

const heredoc = (text: string, indent: string): string => {
  const lines = escapedTemplate(text).replaceAll(/^(?=.)/gm, () => `${indent}  `);
  return `<<-EOT\n${lines}${indent}EOT`;
};

export const renderKey = (key: string): string => (IDENTIFIER.test(key) ? key : quoted(key));

export const quoted = (text: string): string => `"${escaped(text)}"`;

/** What stands between the quotes. */
export const escaped = (text: string): string =>
  escapedTemplate(
    text
      .replaceAll("\\", "\\\\")
      .replaceAll('"', '\\"')
      .replaceAll("\n", "\\n")
      .replaceAll("\r", "\\r")
      .replaceAll("\t", "\\t")
      // Three marks before a brace are read in more than one way.
      .replaceAll(/([$%])(?=\1+\{)/g, (mark) => (mark === "$" ? "\\u0024" : "\\u0025")),
  );

/** What stands in a heredoc. */
export const escapedTemplate = (text: string): string =>
  text.replaceAll(/([$%])\{/g, (_, mark) => `${mark}${mark}{`);

const isScalar = (value: Json): boolean =>
  typeof value !== "object" || value === null || isExactNumber(value);

const list = (items: readonly Json[], indent: string): string => {
  if (items.length === 0) return "[]";
  const inline = `[${items.map((item) => render(item)).join(", ")}]`;
  if (items.every(isScalar) && inline.length < LINE && !inline.includes("\n")) return inline;
  return `[\n${items.map((item) => `${indent}  ${render(item, `${indent}  `)},\n`).join("")}${indent}]`;
};

const object = (value: { readonly [key: string]: Json }, indent: string): string => {
  const members = Object.entries(value);
  if (members.length === 0) return "{}";
  const keys = members.map(([key]) => renderKey(key));
  const width = Math.max(...keys.map((key) => key.length));
  const simple = members.every(([, member]) => !render(member, indent).includes("\n"));
  const lines = members.map(([, member], index) => {
    const key = simple ? (keys[index] ?? "").padEnd(width) : (keys[index] ?? "");
    return `${indent}  ${key} = ${render(member, `${indent}  `)}\n`;
  });
  return `{\n${lines.join("")}${indent}}`;
};

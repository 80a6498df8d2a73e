import type { Finding } from "../model/finding.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { SchemaSnapshot } from "../model/migration.ts";
import { parsePath } from "../model/path.ts";
import type { SchemaDifference } from "../model/rehearsal.ts";
import { schemaDrift } from "./schema-drift.ts";

/** What came, went and changed from one schema to another, one line for each fact. */
export const schemaDiff = (before: SchemaSnapshot, after: SchemaSnapshot): readonly SchemaDifference[] =>
  schemaDrift({ actual: before, recorded: before, desired: after, changedRepeatable: false })
    .flatMap(partsOf)
    .map(changeOf);

type Pair = Pick<Finding, "address" | "path"> & { readonly before: Json | null; readonly after: Json | null };

// A table that comes or goes is read column by column; a view's columns are in its text.
const partsOf = ({ address, path, actual, desired }: Finding): readonly Pair[] => {
  const whole: Pair = { address, path, before: actual, after: desired };
  const made = isJsonObject(desired) ? desired : isJsonObject(actual) ? actual : null;
  if (path !== "" || made === null || (actual !== null && desired !== null)) return [whole];
  const parts = Object.entries(made).flatMap(([part, named]) =>
    part in PARTS && isJsonObject(named) && !(part === "columns" && "definition" in made)
      ? Object.entries(named).map(
          ([name, facts]): Pair => ({
            address,
            path: `${part}[${JSON.stringify(name)}]`,
            before: desired === null ? facts : null,
            after: desired === null ? null : facts,
          }),
        )
      : [],
  );
  return [whole, ...parts];
};

const changeOf = ({ address, path, before, after }: Pair): SchemaDifference => {
  const what = before === null ? "added" : after === null ? "removed" : "changed";
  return { address, path, what, text: textOf(path, before, after) };
};

/** Part of an object -> what one of its members is called. */
const PARTS: Readonly<Record<string, string>> = {
  columns: "column",
  constraints: "constraint",
  indexes: "index",
  triggers: "trigger",
  rules: "rule",
  policies: "policy",
  grants: "grant to",
  column_grants: "grant on column",
  comments: "comment on",
};

const textOf = (path: string, before: Json | null, after: Json | null): string => {
  const [part, name, ...rest] = parsePath(path) ?? [path];
  if (part === undefined) return summary(after ?? before);
  const kind = PARTS[String(part)];
  const named = kind === undefined ? String(part) : `${kind} ${String(name)}`;
  const fact = (kind === undefined ? [name, ...rest] : rest).filter((step) => step !== undefined).join(".");
  const subject = fact === "" ? named : `${named}: ${fact.replaceAll("_", " ")}`;
  if (before === null || after === null) {
    const told = summary(after ?? before);
    return told === "" ? subject : `${subject} ${told}`;
  }
  return `${subject}${fact === "" ? ":" : ""} ${summary(before)} -> ${summary(after)}`;
};

/** Facts in the words of SQL where SQL has them. */
const summary = (value: Json | null): string => {
  if (value === null) return "";
  if (!isJsonObject(value)) return typeof value === "string" ? oneLine(value) : oneLine(plain(value));
  if (typeof value["type"] === "string") return columnText(value);
  if (typeof value["definition"] === "string")
    return `${oneLine(value["definition"])}${value["valid"] === false ? " (INVALID)" : ""}`;
  if (Array.isArray(value["values"])) return `(${value["values"].map(plain).join(", ")})`;
  const own = Object.entries(value).filter(([key, fact]) => !(key in PARTS) && fact !== null);
  return own.map(([key, fact]) => `${key.replaceAll("_", " ")} ${oneLine(plain(fact))}`).join(", ");
};

const columnText = (column: JsonObject): string =>
  [
    String(column["type"]),
    column["not_null"] === true ? "not null" : "",
    typeof column["default"] === "string" ? `default ${column["default"]}` : "",
    typeof column["generated"] === "string" ? `generated as (${column["generated"]})` : "",
    typeof column["identity"] === "string" ? `generated ${column["identity"]} as identity` : "",
  ]
    .filter((words) => words !== "")
    .join(" ");

const plain = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

const LONGEST = 160;
const oneLine = (text: string): string => {
  const flat = text.replaceAll(/\s+/g, " ").trim();
  return flat.length <= LONGEST ? flat : `${flat.slice(0, LONGEST)} ...`;
};

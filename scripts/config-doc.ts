import { writeFile } from "node:fs/promises";
import { jsonSchemas } from "../src/config/json-schema.ts";
import { SERVER_VARIABLES, VARIABLE_ALIASES } from "../src/config/server-env.ts";

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: boolean | Schema;
}

/** `docs/config.md`: every key of a repository's file and of the server's file, from the schemas that validate them. */
export const configDocument = (): string => {
  const schemas = jsonSchemas();
  const of = (name: string): Schema => JSON.parse(schemas[name] as string) as Schema;
  return [
    "# Configuration",
    "",
    "Written by `node scripts/config-doc.ts` from the schemas that validate the files; `npx plumbline config check` finds",
    "every problem of a file at once.",
    "",
    "## plumbline.yaml",
    "",
    "In the root of a repository, and optional: root modules are found without it. An `atlantis.yaml` (version 3) is read",
    "as it is; where both are there, plumbline.yaml is laid over it, workspace by workspace and key by key.",
    "",
    ...table(of("plumbline.schema.json")),
    "",
    "## The server's file",
    "",
    "`plumbline serve --config FILE`; [an example](../deploy/server.example.yaml). A `PLUMBLINE_*` variable wins over the",
    "file ([operations](operations.md)).",
    "",
    ...table(of("server.schema.json")),
    "",
    "## Variables",
    "",
    "Each stands over its key. A secret may lie in a file instead, which NAME_FILE names. A list is parted by commas or",
    "blanks, `lines` by line breaks.",
    "",
    ...variables(),
    "",
  ].join("\n");
};

const variables = (): readonly string[] => [
  "| variable | key | takes | from a file |",
  "|---|---|---|---|",
  ...Object.entries(SERVER_VARIABLES).map(
    ([name, { at, kind, secret }]) =>
      `| \`${name}\` | \`${at.join(".")}\` | ${kind} | ${secret ? `\`${name}_FILE\`` : ""} |`,
  ),
  ...Object.entries(VARIABLE_ALIASES).map(
    ([name, meant]) =>
      `| \`${name}\` | as \`${meant}\` | | ${/TOKEN/.test(name) ? `\`${name}_FILE\`` : ""} |`,
  ),
];

const table = (schema: Schema): readonly string[] => [
  "| key | takes | meaning |",
  "|---|---|---|",
  ...rows(schema, ""),
];

const rows = (schema: Schema, prefix: string): readonly string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    const key = `${prefix}${name}`;
    const nested = inner.items?.properties ? inner.items : inner;
    const below = nested.properties ? rows(nested, `${key}${inner.items ? "[]" : ""}.`) : [];
    return [`| \`${key}\` | ${takes(inner)} | ${cell(inner.description ?? "")} |`, ...below];
  });

const takes = (schema: Schema): string => {
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.anyOf) return [...new Set(schema.anyOf.map(takes))].join(" or ");
  if (schema.items) return `list of ${schema.items.properties ? "entries" : takes(schema.items)}`;
  return schema.type === "object" ? "entries" : (schema.type ?? "text");
};

const cell = (text: string): string => text.replaceAll("|", "\\|");

if (import.meta.main) await writeFile(new URL("../docs/config.md", import.meta.url), configDocument());

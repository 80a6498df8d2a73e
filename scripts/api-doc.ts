import { readFile, writeFile } from "node:fs/promises";
import manifest from "../package.json" with { type: "json" };
import { openApi } from "../src/web/api/openapi.ts";
import { table, withParts } from "./generated-part.ts";

const PAGE = new URL("../docs/api.md", import.meta.url);

interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

/** `docs/api.md` with every operation of the OpenAPI document. */
export const apiDocument = (page: string): string => {
  const { paths } = openApi(manifest.version) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [
      `\`${method.toUpperCase()} ${path}\``,
      operation.summary,
      /role (\w+)/.exec(operation.description ?? "")?.[1] ?? "",
      queryOf(operation),
    ]),
  );
  return withParts(page, { operations: table(["operation", "does", "role", "query"], rows) });
};

const queryOf = ({ parameters = [] }: Operation): string =>
  parameters
    .filter((one) => one.in === "query")
    .map(({ name }) => `\`${name}\``)
    .join(", ");

if (import.meta.main) await writeFile(PAGE, apiDocument(await readFile(PAGE, "utf8")));

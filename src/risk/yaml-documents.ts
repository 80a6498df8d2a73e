import { parseAllDocuments } from "yaml";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";

const LONGEST = 1_000_000;
// Far above any real manifest, far below what aliases of aliases can be made to stand for.
const MOST_ALIASES = 100;

/**
 * The mappings of a YAML or JSON text, one per document; null where it cannot be read. Template expressions of Helm
 * count as text, and lines that hold nothing else are left out.
 */
export const documentsIn = (text: string): readonly JsonObject[] | null => {
  if (text.length > LONGEST) return null;
  try {
    // An error would copy its whole line, and only that there is one matters.
    const documents = parseAllDocuments(withoutTemplates(text), { logLevel: "silent", prettyErrors: false });
    if (!Array.isArray(documents)) return [];
    if (documents.some((document) => document.errors.length > 0)) return null;
    return documents
      .map((document) => document.toJS({ maxAliasCount: MOST_ALIASES }) as Json)
      .filter(isJsonObject);
  } catch {
    return null;
  }
};

const withoutTemplates = (text: string): string =>
  text.includes("{{")
    ? text
        .split("\n")
        .map((line) =>
          /^\s*\{\{[^}]*\}\}\s*$/.test(line) ? "" : line.replaceAll(/\{\{[^}]*\}\}/g, "template"),
        )
        .join("\n")
    : text;

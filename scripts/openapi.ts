import { writeFile } from "node:fs/promises";
import manifest from "../package.json" with { type: "json" };
import { openApi } from "../src/web/api/openapi.ts";

/** `docs/openapi.json`: what `/api/v1/openapi.json` tells. */
export const openApiText = (): string => `${JSON.stringify(openApi(manifest.version), null, 2)}\n`;

if (import.meta.main) await writeFile(new URL("../docs/openapi.json", import.meta.url), openApiText());

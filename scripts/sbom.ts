// `npm run sbom`: writes dist/sbom.cdx.json, what the service runs as CycloneDX.

import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { billOfMaterials } from "./sbom-bill.ts";

const project = fileURLToPath(new URL("../", import.meta.url));
const bill = billOfMaterials(project);
mkdirSync(`${project}dist`, { recursive: true });
writeFileSync(`${project}dist/sbom.cdx.json`, `${JSON.stringify(bill, null, 2)}\n`);
process.stdout.write(`dist/sbom.cdx.json: ${bill.components.length} packages\n`);

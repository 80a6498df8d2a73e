import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { loadCatalogue } from "../src/adapters/catalogue-files.ts";
import { openArgument } from "../src/cli/files.ts";
import { inspectPlanPieces } from "../src/plan/inspect-pieces.ts";

// Run as a process of its own by `inspect.ts`, so that each reading has its own memory and starts as a command does.
const [, , how = "", file = ""] = process.argv;
const catalogue = await loadCatalogue();
const source = await openArgument(
  { cwd: process.cwd(), readStdin: async () => new Uint8Array() },
  resolve(file),
  "plan-unreadable",
);

const READINGS: Readonly<Record<string, () => number>> = {
  parse: () => JSON.parse(readFileSync(file, "utf8")).resource_changes.length,
  inspect: () => inspectPlanPieces(source.chunks, catalogue)?.changes.length ?? 0,
};

const peakBefore = process.resourceUsage().maxRSS;
const started = performance.now();
const changes = READINGS[how]?.();
const ms = performance.now() - started;
const peak = process.resourceUsage().maxRSS;
process.stdout.write(JSON.stringify({ ms, peakMb: peak / 1024, ownMb: (peak - peakBefore) / 1024, changes }));

// Runs dependency-cruiser and refuses to pass on nothing: with an unsupported TypeScript it would cruise no module.
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";

const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ts"),
);
const cruise = (): string => {
  try {
    return execFileSync(
      process.execPath,
      [
        "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs",
        "--config",
        ".dependency-cruiser.mjs",
        "--output-type",
        "json",
        "src",
      ],
      { encoding: "utf8", maxBuffer: 1 << 28 },
    );
  } catch (failure) {
    return (failure as { stdout: string }).stdout;
  }
};

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
  readonly comment?: string;
}
const { summary, modules } = JSON.parse(cruise()) as {
  summary: { violations: Violation[]; error: number };
  modules: { source: string }[];
};
const seen = new Set(modules.map((module) => module.source));
const missed = files.filter((file) => !seen.has(`src/${file}`));
for (const { rule, from, to, comment } of summary.violations) {
  process.stdout.write(`${rule.name}: ${from} -> ${to}${comment ? `\n    ${comment}` : ""}\n`);
}
if (missed.length > 0) process.stdout.write(`not cruised: ${missed.join(", ")}\n`);
process.stdout.write(`architecture: ${files.length} files, ${summary.violations.length} violations\n`);
process.exit(summary.error > 0 || missed.length > 0 ? 1 : 0);

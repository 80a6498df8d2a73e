// `npm test`: types, lint, architecture, then every test; `--with-scale` adds what only `npm run test:scale` runs else.
// The last line is what CI reads.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

const bin = (name: string): string => join("node_modules", ".bin", name);
const run = (command: string, args: readonly string[]): boolean =>
  spawnSync(command, args, { stdio: "inherit" }).status === 0;

const checks = (): Tally => {
  const results = [
    run(bin("tsc"), ["--noEmit"]),
    run(bin("biome"), ["check", "."]),
    run(process.execPath, ["scripts/architecture.ts"]),
  ];
  const passed = results.filter(Boolean).length;
  return { passed, failed: results.length - passed, skipped: 0 };
};

const tests = (args: readonly string[]): Tally => {
  const folder = mkdtempSync(join(tmpdir(), "plumbline-test-"));
  try {
    const report = join(folder, "report.json");
    const ok = run(bin("vitest"), [
      "run",
      "--reporter=default",
      "--reporter=json",
      `--outputFile.json=${report}`,
      ...args,
    ]);
    const counts = JSON.parse(readFileSync(report, "utf8")) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
    };
    // A file that fails to load counts no failed test; the exit code still tells.
    const failed = Math.max(counts.numFailedTests, ok ? 0 : 1);
    return { passed: counts.numPassedTests, failed, skipped: counts.numPendingTests };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const WITH_SCALE = "--with-scale";
const SCALE_STARTS_WITHIN_S = 11 * 60;
const given = process.argv.slice(2);
const parts = [checks(), tests(given.filter((arg) => arg !== WITH_SCALE))];
if (given.includes(WITH_SCALE)) {
  // CI is cut off at twenty minutes, and a run that is cut off lands nothing.
  if (process.uptime() < SCALE_STARTS_WITHIN_S) {
    run(process.execPath, ["scripts/s3.ts"]);
    parts.push(
      tests(["--config", "vitest.scale.config.ts", "test/scale/", "test/adapters/artifacts-s3.test.ts"]),
    );
  } else process.stdout.write("Left out for want of time: npm run test:scale\n");
}
const sum = (what: keyof Tally): number => parts.reduce((all, part) => all + part[what], 0);
if (sum("skipped") > 0) process.stdout.write(`${sum("skipped")} skipped: something they need is not here\n`);
process.stdout.write(`${sum("passed")} passed, ${sum("failed")} failed\n`);
process.exit(sum("failed") > 0 ? 1 : 0);

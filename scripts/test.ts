// `npm test`: types, lint, architecture, then every test; in CI as much as its time holds, and `npm run test:scale`.
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

/** Stories of a minute and more each: played last, and in CI only where the time is left. */
const LONG = [
  "test/kill/sql-kill.test.ts",
  "test/kill/kill.test.ts",
  "test/codify/held-out.test.ts",
  "test/codify/structure.test.ts",
  ...["database-drift", "shared-drift", "merge-group", "faults", "outage", "edit-proof", "import"].map(
    (name) => `test/story/${name}.test.ts`,
  ),
];
const IN_CI = "--in-ci";
const given = process.argv.slice(2).filter((arg) => arg !== IN_CI);
const inCi = process.argv.includes(IN_CI);

// CI is cut off at twenty minutes, and a run that is cut off lands nothing.
const whereTimeIsLeft = (withinS: number, what: string, part: () => Tally): void => {
  if (!inCi || process.uptime() < withinS) parts.push(part());
  else process.stdout.write(`Left out for want of time: ${what}\n`);
};
const scale = (): Tally => {
  run(process.execPath, ["scripts/s3.ts"]);
  return tests(["--config", "vitest.scale.config.ts", "test/scale/", "test/adapters/artifacts-s3.test.ts"]);
};

const parts = [checks()];
if (given.length > 0) parts.push(tests(given));
else {
  parts.push(tests(LONG.flatMap((file) => ["--exclude", file])));
  whereTimeIsLeft(9 * 60, LONG.join(" "), () => tests(LONG));
  if (inCi) whereTimeIsLeft(11 * 60, "npm run test:scale", scale);
}
const sum = (what: keyof Tally): number => parts.reduce((all, part) => all + part[what], 0);
if (sum("skipped") > 0) process.stdout.write(`${sum("skipped")} skipped: something they need is not here\n`);
process.stdout.write(`${sum("passed")} passed, ${sum("failed")} failed\n`);
process.exit(sum("failed") > 0 ? 1 : 0);

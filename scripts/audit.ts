// `npm run audit`: what is known of the packages that the service runs. Fails for a high or critical finding; a registry
// without that endpoint, or none within a minute, is said and no failure. No address is printed.

import { spawnSync } from "node:child_process";

interface Report {
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly severity?: string; readonly range?: string }>
  >;
}

const FAILS = new Set(["high", "critical"]);

const ask = (): Report | null => {
  const { stdout } = spawnSync("npm", ["audit", "--omit=dev", "--json"], {
    encoding: "utf8",
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const report = JSON.parse(stdout ?? "") as Report;
    return report.vulnerabilities ? report : null;
  } catch {
    return null;
  }
};

const report = ask();
if (report === null) process.stdout.write("npm audit: this registry does not answer it.\n");
else {
  const found = Object.entries(report.vulnerabilities ?? {});
  for (const [name, { severity = "unknown", range = "" }] of found)
    process.stdout.write(`npm audit: ${severity}: ${name} ${range}\n`);
  if (found.length === 0) process.stdout.write("npm audit: nothing is known of what the service runs.\n");
  if (found.some(([, { severity = "critical" }]) => FAILS.has(severity))) process.exitCode = 1;
}

#!/usr/bin/env node
// Plain JavaScript on purpose: it must be able to say that Node is too old before any TypeScript is loaded.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [major] = process.versions.node.split(".").map(Number);

if (major >= 24) {
  const inCheckout = new URL("../src/main.ts", import.meta.url);
  await import(existsSync(inCheckout) ? inCheckout.href : new URL("../dist/main.js", import.meta.url).href);
} else {
  handOver(bundledNode());
}

// npm's `node` package brings Node 24; it lies beside us in a checkout and further up where we are a dependency.
function bundledNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve("node/package.json");
    const binary = join(dirname(manifest), "bin", process.platform === "win32" ? "node.exe" : "node");
    if (existsSync(binary)) return binary;
  } catch {
    // Told below.
  }
  process.stderr.write(
    `plumbline: it needs Node 24, this is ${process.versions.node}, and the packaged Node is not there.\nRun "npm ci" in the checkout (without --ignore-scripts), or use Node 24.\n`,
  );
  process.exit(1);
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: "inherit" });
  const pass = (signal) => child.kill(signal);
  process.on("SIGTERM", pass);
  for (const signal of ["SIGINT", "SIGHUP", "SIGQUIT"]) {
    // A terminal has sent these to both of us already; a second one would mean "at once".
    process.on(signal, () => (process.stdin.isTTY ? undefined : pass(signal)));
  }
  child.on("error", (failure) => {
    process.stderr.write(`plumbline: Node 24 could not be started: ${failure.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"]) process.removeAllListeners(name);
    process.kill(process.pid, signal);
  });
}

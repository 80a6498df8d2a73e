#!/usr/bin/env node
// Plain JavaScript on purpose: it must be able to say that Node is too old before any TypeScript is loaded.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [major, minor] = process.versions.node.split(".").map(Number);
const newEnough = major > 24 || (major === 24 && minor >= 0);

if (newEnough) {
  const entry = existsSync(here("../src/main.ts")) ? "../src/main.ts" : "../dist/main.js";
  await import(new URL(entry, import.meta.url));
} else {
  // npm's `node` package brings Node 24; when this file is started by an older Node, hand over to it.
  const bundled = here("../node_modules/node/bin/node");
  if (!existsSync(bundled)) {
    process.stderr.write(
      `plumbline needs Node 24, this is ${process.versions.node}. Run "npm ci" (without --ignore-scripts) in the checkout, or use Node 24.\n`,
    );
    process.exit(1);
  }
  const child = spawnSync(
    bundled,
    [here(import.meta.url ? "./plumbline.js" : ""), ...process.argv.slice(2)],
    {
      stdio: "inherit",
    },
  );
  process.exit(child.status ?? 1);
}

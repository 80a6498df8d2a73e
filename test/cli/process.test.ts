import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BIN, folder, spawned } from "./world.ts";

const PLAN = JSON.stringify({ format_version: "1.2", resource_changes: [], planned_values: {} });

describe("the process", () => {
  test("reads standard input and gives exit codes", async () => {
    const [good, bad, wrong] = await Promise.all([
      spawned(["inspect", "-", "--json"], { stdin: PLAN }),
      spawned(["inspect", "-"], { stdin: "x" }),
      spawned(["nope"]),
    ]);
    expect(good.code).toBe(0);
    expect(JSON.parse(good.out).class).toBe("R0");
    expect(good.err).toBe("");
    expect([bad.code, wrong.code]).toEqual([1, 64]);
    expect(bad.out + wrong.out).toBe("");
  });

  test("a large answer arrives whole through a pipe", async () => {
    const resource_changes = Array.from({ length: 5_000 }, (_, n) => ({
      address: `aws_s3_bucket.b["${n}"]`,
      mode: "managed",
      type: "aws_s3_bucket",
      name: "b",
      provider_name: "p",
      change: { actions: ["delete"], before: {}, after: null },
    }));
    const { code, out } = await spawned(["inspect", "-", "--json"], {
      stdin: JSON.stringify({ format_version: "1.2", resource_changes }),
    });
    expect(code).toBe(0);
    expect(JSON.parse(out).changes).toHaveLength(5_000);
  });

  test("a reader that goes away is no error", async () => {
    const child = spawn(process.execPath, [BIN, "help"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let err = "";
    child.stderr.on("data", (part) => {
      err += part;
    });
    const [code] = await once(child, "close");
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });

  test("a closed standard input is an empty one", async () => {
    const child = spawn("/bin/sh", ["-c", `exec "${process.execPath}" "${BIN}" inspect - <&-`], {
      stdio: "pipe",
    });
    let err = "";
    child.stderr.on("data", (part) => {
      err += part;
    });
    const [code] = await once(child, "close");
    expect(code).toBe(1);
    expect(err).toContain("The file is empty.");
  });
});

// An older Node is played by this one with another version number; what it hands over to is a script.
const older = async (script: string | null) => {
  const dir = folder();
  mkdirSync(join(dir, "bin"));
  cpSync(BIN, join(dir, "bin/plumbline.js"));
  writeFileSync(join(dir, "package.json"), '{"type":"module"}');
  writeFileSync(
    join(dir, "old.cjs"),
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.1.0" } });',
  );
  if (script !== null) {
    mkdirSync(join(dir, "node_modules/node/bin"), { recursive: true });
    writeFileSync(join(dir, "node_modules/node/package.json"), '{"name":"node"}');
    writeFileSync(join(dir, "node_modules/node/bin/node"), script);
    chmodSync(join(dir, "node_modules/node/bin/node"), 0o755);
  }
  const args = ["--require", join(dir, "old.cjs"), join(dir, "bin/plumbline.js"), "one", "two words"];
  return spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
};

describe("an older Node", () => {
  test("hands over arguments and takes over the exit code", async () => {
    const child = await older('#!/bin/sh\nshift\nprintf "%s;" "$@"\nexit 42\n');
    let out = "";
    child.stdout.on("data", (part) => {
      out += part;
    });
    const [code] = await once(child, "close");
    expect({ code, out }).toEqual({ code: 42, out: "one;two words;" });
  });

  test.each(["SIGTERM", "SIGINT"] as const)("passes %s on and waits for the end", async (signal) => {
    const child = await older(`#!${process.execPath}
setInterval(() => {}, 1000);
for (const name of ["SIGTERM", "SIGINT"]) {
  process.on(name, () => process.stdout.write("drained\\n", () => process.exit(7)));
}
process.stdout.write("ready\\n");
`);
    let out = "";
    child.stdout.on("data", (part) => {
      out += part;
      if (String(part).includes("ready")) child.kill(signal);
    });
    const [code] = await once(child, "close");
    expect({ code, out }).toEqual({ code: 7, out: "ready\ndrained\n" });
  });

  test("ends as its successor ended", async () => {
    const child = await older("#!/bin/sh\nkill -TERM $$\n");
    const [code, signal] = await once(child, "close");
    expect({ code, signal }).toEqual({ code: null, signal: "SIGTERM" });
  });

  test("says what to do where no packaged Node is there", async () => {
    const child = await older(null);
    let err = "";
    child.stderr.on("data", (part) => {
      err += part;
    });
    const [code] = await once(child, "close");
    expect(code).toBe(1);
    expect(err).toContain("needs Node 24, this is 20.1.0");
    expect(err).not.toMatch(/\n\s+at /);
  });
});

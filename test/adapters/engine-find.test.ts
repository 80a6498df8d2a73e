import { createHash } from "node:crypto";
import { appendFile, chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type EngineSearch, findEngine, installedEngine } from "../../src/adapters/engine-find.ts";
import { probeVersion } from "../../src/adapters/engine-probe.ts";
import { silent } from "../contract/engine-bench.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "plumbline-find-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const program = async (path: string, says: string): Promise<string> => {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho "${says}"\n`);
  await chmod(file, 0o755);
  return file;
};

const search = (more: Partial<EngineSearch> = {}): EngineSearch => ({
  path: null,
  env: { PATH: join(root, "bin"), HOME: root },
  cacheDir: join(root, "cache"),
  log: silent,
  ...more,
});

describe("findEngine", () => {
  test("takes PLUMBLINE_ENGINE first, then the PATH, then the newest of the cache", async () => {
    const named = await program("mine/engine", "OpenTofu v1.8.0");
    const onPath = await program("bin/terraform", "Terraform v1.11.4");
    await program("cache/engines/tofu-1.9.0/tofu", "OpenTofu v1.9.0");
    const newest = await program("cache/engines/tofu-1.12.6/tofu", "OpenTofu v1.12.6");

    expect(await findEngine(search({ path: named }), {})).toMatchObject({ binary: named, version: "1.8.0" });
    expect(await findEngine(search(), {})).toMatchObject({ binary: onPath, distribution: "terraform" });
    expect(await findEngine(search(), { distribution: "tofu" })).toMatchObject({ binary: newest });
    expect(await findEngine(search({ path: named }), { distribution: "terraform" })).toMatchObject({
      binary: onPath,
    });
    expect(await findEngine(search(), { distribution: "tofu", version: "~> 1.9.0" })).toMatchObject({
      version: "1.9.0",
      from: "cache",
    });
  });

  test("a name without a slash is looked up on the PATH", async () => {
    const binary = await program("bin/terraform-1.9", "Terraform v1.9.8");
    expect(await findEngine(search({ path: "terraform-1.9" }), {})).toMatchObject({ binary });
  });

  test.each(["nowhere/terraform", "broken"])("PLUMBLINE_ENGINE=%s is refused in a sentence", async (name) => {
    await program("broken", "I am no engine");
    await expect(findEngine(search({ path: join(root, name) }), {})).rejects.toMatchObject({
      code: "engine-missing",
      message: expect.stringMatching(/^PLUMBLINE_ENGINE is set to .* which is no Terraform or OpenTofu/),
    });
  });

  test("no engine and no Go: says what to install", async () => {
    await expect(findEngine(search(), {})).rejects.toMatchObject({
      code: "engine-missing",
      message:
        "No engine was found: neither Terraform nor OpenTofu is on the PATH, nor Go to build OpenTofu.",
      hint: expect.stringContaining("PLUMBLINE_ENGINE"),
    });
  });

  test("a version that is not there names what is", async () => {
    const binary = await program("bin/terraform", "Terraform v1.11.4");
    await expect(findEngine(search(), { distribution: "terraform", version: "1.5.7" })).rejects.toMatchObject(
      {
        code: "engine-missing",
        message: `Terraform 1.5.7 is wanted, but this machine has only Terraform 1.11.4 (${binary}).`,
      },
    );
  });

  test("a broken leftover in the cache is passed over", async () => {
    await program("cache/engines/tofu-1.12.6/tofu", "segmentation fault");
    expect(await installedEngine(search(), {})).toBeNull();
  });

  test("a real binary is asked once, a script that chooses versions each time", async () => {
    const asked = join(root, "asked");
    const big = await program("bin/terraform", "Terraform v1.11.4");
    await appendFile(big, `echo x >> ${asked}\nexit\n${"#".repeat(10_000_000)}\n`);
    expect(await installedEngine(search(), {})).toMatchObject({ version: "1.11.4" });
    const again = await import("../../src/adapters/engine-probe.ts?another process" as string);
    const memory = join(root, "cache/engines/versions");
    expect(await again.probeVersion(big, {}, memory)).toMatchObject({ version: "1.11.4" });
    expect(await readFile(asked, "utf8")).toBe("x\n");

    const shim = await program("shim/terraform", "Terraform v1.9.8");
    await probeVersion(shim, {}, memory);
    expect(await readdir(memory)).toHaveLength(1);
  });

  test("a failed build is an error in a sentence, and leaves no half engine behind", async () => {
    const go = await program("bin/go", "");
    await writeFile(go, '#!/bin/sh\necho "{\\"Error\\": \\"proxy unreachable\\"}"\nexit 1\n');
    await expect(findEngine(search(), {})).rejects.toMatchObject({
      code: "engine-missing",
      message: "The source of OpenTofu 1.12.6 could not be downloaded: proxy unreachable",
    });
    expect(await installedEngine(search(), {})).toBeNull();
  });

  test("builds OpenTofu where Go is, once for all that ask at the same time", async () => {
    const go = await program("bin/go", "");
    await writeFile(go, FAKE_GO);
    await chmod(go, 0o755);
    const asked = search({ env: { PATH: `${join(root, "bin")}:/usr/bin:/bin`, HOME: root, GOPATH: root } });
    const [one, two] = await Promise.all([
      findEngine(asked, { distribution: "tofu" }),
      findEngine(asked, { distribution: "tofu" }),
    ]);
    expect(one).toMatchObject({ from: "build", version: "1.12.6" });
    expect(two.binary).toBe(one.binary);
    expect(await installedEngine(asked, { distribution: "tofu" })).toMatchObject({ binary: one.binary });

    // What the build left is known again, and nothing else in its place is started.
    await appendFile(one.binary, `touch ${join(root, "started")}\n`);
    await expect(findEngine(asked, { distribution: "tofu" })).rejects.toMatchObject({
      code: "engine-unverified",
      message: expect.stringContaining("tofu.sha256 says"),
    });
    expect(await readdir(root)).not.toContain("started");
  });

  test("a source that is not the pinned one is not built", async () => {
    const go = await program("bin/go", "");
    await writeFile(go, FAKE_GO.replace("SUM=h1:0", "SUM=h1:1"));
    const asked = search({ env: { PATH: `${join(root, "bin")}:/usr/bin:/bin`, HOME: root, GOPATH: root } });
    await expect(findEngine(asked, { distribution: "tofu" })).rejects.toMatchObject({
      code: "engine-missing",
      message: expect.stringMatching(
        /^The source of OpenTofu 1\.12\.6 is not what it was: its checksum is h1:1/,
      ),
    });
    expect(await readdir(root)).not.toContain("built");
  });
});

describe("pinned engines", () => {
  const sha256 = async (file: string): Promise<string> =>
    createHash("sha256")
      .update(await readFile(file))
      .digest("hex");

  test("nothing else is started, wherever it lies", async () => {
    const wrong = await program("bin/terraform", "Terraform v1.11.4");
    await appendFile(wrong, `touch ${join(root, "started")}\n`);
    const right = await program("cache/engines/terraform-1.11.4/terraform", "Terraform v1.11.4");
    const pins = { "terraform-1.11.4": await sha256(right) };
    expect(await findEngine(search({ pins }), {})).toMatchObject({ binary: right });
    // Neither the one that was named, nor the right one once it has changed.
    await expect(findEngine(search({ pins, path: wrong }), {})).rejects.toMatchObject({
      code: "engine-unverified",
      message: expect.stringContaining("which engine.sha256 does not name"),
    });
    await appendFile(right, `touch ${join(root, "started")}\n`);
    await expect(findEngine(search({ pins }), {})).rejects.toMatchObject({ code: "engine-unverified" });
    await expect(installedEngine(search({ pins }), {})).rejects.toMatchObject({ code: "engine-unverified" });
    expect(await readdir(root)).not.toContain("started");
  });

  test("a checksum under another version's name does not count", async () => {
    const old = await program("bin/terraform", "Terraform v1.5.7");
    const pins = { "terraform-1.11.4": await sha256(old) };
    await expect(findEngine(search({ pins }), {})).rejects.toMatchObject({ code: "engine-unverified" });
  });
});

// Refuses to build a second time.
const FAKE_GO = `#!/bin/sh
SUM=h1:0VT4P8pMmGcCUnQ9JDrJ+Qg2d35Vzm4FFd/9+H7oF98=
[ "$GOFLAGS" = -mod=readonly ] || { echo "go.sum may be gone past"; exit 1; }
if [ "$1" = mod ]; then echo "{\\"Dir\\": \\"$GOPATH\\", \\"Sum\\": \\"$SUM\\"}"; exit 0; fi
mkdir "$GOPATH/built" || exit 1
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho "OpenTofu v1.12.6"\\n' > "$2"
chmod +x "$2"
`;

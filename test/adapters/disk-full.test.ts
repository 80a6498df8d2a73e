import { mkdtempSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execaSync } from "execa";
import { afterAll, expect, test } from "vitest";
import { createDirectoryArtifacts } from "../../src/adapters/artifacts-directory.ts";

// A real disk of 64 KiB; only root may mount one.
const disk = mkdtempSync(join(tmpdir(), "plumbline-disk-"));
const mounted = !execaSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], { reject: false })
  .failed;
afterAll(() => {
  if (mounted) execaSync("umount", [disk]);
  rmSync(disk, { recursive: true, force: true });
});

test.skipIf(!mounted)(
  "a full disk is told as one, leaves nothing half, and is written to once there is room",
  async () => {
    const artifacts = createDirectoryArtifacts(join(disk, "artifacts"), [new Uint8Array(32).fill(1)]);
    await artifacts.put("runs/a/log.txt", new Uint8Array(30_000));
    const tooMuch = artifacts.put("runs/b/log.txt", new Uint8Array(50_000));
    await expect(tooMuch).rejects.toMatchObject({ code: "not-writable" });
    const files = (await readdir(disk, { recursive: true, withFileTypes: true })).filter((one) =>
      one.isFile(),
    );
    expect(files).toHaveLength(1);
    await artifacts.delete("runs/a/log.txt");
    const ref = await artifacts.put("runs/b/log.txt", new Uint8Array(50_000).fill(7));
    expect(Buffer.alloc(50_000, 7).equals(await artifacts.get(ref))).toBe(true);
  },
);

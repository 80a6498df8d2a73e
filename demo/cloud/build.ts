// Bundles the demo provider and lays it out as a provider mirror for Terraform and OpenTofu.

import { createHash, randomUUID } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { build, version as bundlerVersion } from "esbuild";
import { exists } from "../../src/adapters/engine-providers.ts";

const HOSTS = ["registry.terraform.io", "registry.opentofu.org"];
const PROVIDERS = [
  { namespace: "hashicorp", type: "aws", version: "6.0.0" },
  { namespace: "mongey", type: "kafka", version: "0.13.0" },
];
const CLI_CONFIG = "engine.tfrc";
const HERE = import.meta.dirname;

/** Absolute paths. */
export interface Mirror {
  /** For `provider_installation { filesystem_mirror { path } }`. */
  readonly mirror: string;
  /** A file for `TF_CLI_CONFIG_FILE` that says just that, for a person who runs an engine by hand. */
  readonly cliConfig: string;
}

/**
 * Builds into `<dir>/<hash of the sources>`, once (about 0.1 s); a later call returns at once. Several processes may
 * call at the same time.
 */
export const buildMirror = async (dir: string): Promise<Mirror> => {
  const mirror = resolve(dir, await contentKey());
  const built: Mirror = { mirror, cliConfig: join(mirror, CLI_CONFIG) };
  if (await exists(mirror)) return built;
  const scratch = resolve(dir, `.building-${process.pid}-${randomUUID()}`);
  try {
    await layOut(scratch, await bundle());
    await writeFile(join(scratch, CLI_CONFIG), cliConfigText(mirror));
    await rename(scratch, mirror);
  } catch (cause) {
    if (!(await exists(mirror))) throw cause; // else another process was quicker, with the same content
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return built;
};

const cliConfigText = (mirror: string): string =>
  `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`;

const contentKey = async (): Promise<string> => {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([bundlerVersion, msgpackVersion(), HOSTS, PROVIDERS, platform()]));
  for (const name of (await readdir(HERE, { recursive: true })).sort()) {
    if (name.endsWith(".ts")) hash.update(`\0${name}\0`).update(await readFile(join(HERE, name)));
  }
  return hash.digest("hex").slice(0, 16);
};

const msgpackVersion = (): unknown =>
  (createRequire(import.meta.url)("@msgpack/msgpack/package.json") as { version: unknown }).version;

const bundle = async (): Promise<Uint8Array> => {
  const { outputFiles } = await build({
    entryPoints: [join(HERE, "program.ts")],
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    banner: { js: "#!/usr/bin/env node" },
    write: false,
    logLevel: "silent",
  });
  const [file] = outputFiles;
  if (!file) throw new Error("the bundler wrote nothing");
  return file.contents;
};

// One program under several names: types aws_* and kafka_* imply the local names "aws" and "kafka".
const layOut = async (root: string, program: Uint8Array): Promise<void> => {
  for (const host of HOSTS) {
    for (const { namespace, type, version } of PROVIDERS) {
      const folder = join(root, host, namespace, type, version, platform());
      await mkdir(folder, { recursive: true });
      const file = join(folder, `terraform-provider-${type}_v${version}`);
      await writeFile(file, program);
      await chmod(file, 0o755);
      // A package.json above the mirror that says "module" would turn the program into an ES module.
      await writeFile(join(folder, "package.json"), '{"type":"commonjs"}\n');
    }
  }
};

const platform = (): string => {
  const system = process.platform === "win32" ? "windows" : process.platform;
  return `${system}_${process.arch === "x64" ? "amd64" : process.arch}`;
};

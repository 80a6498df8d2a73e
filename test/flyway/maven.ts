import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { fileSha256 } from "../../src/adapters/engine-pin.ts";

/** One file of a Maven registry; `sha256` is that of the file itself. */
export interface Artifact {
  readonly group: string;
  readonly name: string;
  readonly version: string;
  readonly type: "jar" | "tar.gz";
  readonly sha256: string;
}

/** Puts exactly these files into a folder, by Maven as this machine has it set up. Throws where one is another than pinned. */
export const copyArtifacts = async (artifacts: readonly Artifact[], folder: string): Promise<void> => {
  const project = await mkdtemp(join(tmpdir(), "plumbline-maven-"));
  try {
    await writeFile(join(project, "pom.xml"), projectOf(artifacts));
    const args = ["-q", "-B", "-ntp", "dependency:copy-dependencies", `-DoutputDirectory=${folder}`];
    await promisify(execFile)("mvn", args, { cwd: project, timeout: 10 * 60_000, maxBuffer: 1 << 26 });
    await hold(artifacts, folder);
  } finally {
    await rm(project, { recursive: true, force: true });
  }
};

const hold = async (artifacts: readonly Artifact[], folder: string): Promise<void> => {
  const wanted = new Map(artifacts.map((artifact) => [fileOf(artifact), artifact.sha256]));
  for (const file of await readdir(folder)) {
    const found = await fileSha256(join(folder, file));
    if (wanted.get(file) !== found) throw new Error(`${file} has the SHA-256 ${found}, which is not pinned`);
    wanted.delete(file);
  }
  const [missing] = wanted.keys();
  if (missing !== undefined) throw new Error(`Maven brought no ${missing}`);
};

export const fileOf = ({ name, version, type }: Artifact): string => `${name}-${version}.${type}`;

// What an artifact needs is listed, and pinned, here; Maven is to add nothing.
const projectOf = (artifacts: readonly Artifact[]): string => {
  const dependencies = artifacts.map(
    ({ group, name, version, type }) =>
      `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version><type>${type}</type>` +
      "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions></dependency>",
  );
  return `<project><modelVersion>4.0.0</modelVersion><groupId>plumbline</groupId><artifactId>tools</artifactId><version>1</version><dependencies>${dependencies.join("")}</dependencies></project>\n`;
};

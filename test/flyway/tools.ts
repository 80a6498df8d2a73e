import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { defaultCacheDir } from "../../src/adapters/engine-find.ts";
import { exclusively } from "../../src/adapters/engine-lock.ts";
import { onPath } from "../../src/adapters/tool-path.ts";
import { type Artifact, copyArtifacts, fileOf } from "./maven.ts";

/** The real programs that ours are held to. */
export type ToolName = "flyway" | "liquibase";

// The newest of Flyway's command lines that the registry holds.
const FLYWAY: Artifact = {
  group: "org.flywaydb",
  name: "flyway-commandline",
  version: "10.22.0",
  type: "tar.gz",
  sha256: "6cd8a61c54d5141bbb4ccbd6fc5418c545ccad906fa016806efe515a01f2b428",
};

const jar = (group: string, name: string, version: string, sha256: string): Artifact => ({
  group,
  name,
  version,
  type: "jar",
  sha256,
});
const LIQUIBASE: readonly Artifact[] = [
  jar(
    "org.liquibase",
    "liquibase-core",
    "4.33.0",
    "729691fdd26761f6264e4332a6a657e907c626863da8b4a0bf3bd22dbeebdc6b",
  ),
  jar("info.picocli", "picocli", "4.7.7", "f86e30fffd10d2b13b8caa8d4b237a7ee61f2ffccf5b1941de718b765d235bf8"),
  jar(
    "org.postgresql",
    "postgresql",
    "42.7.4",
    "188976721ead8e8627eb6d8389d500dccc0c9bebd885268a3047180274a6031e",
  ),
  jar("org.yaml", "snakeyaml", "2.4", "ef779af5d29a9dde8cc70ce0341f5c6f7735e23edff9685ceaa9d35359b7bb7f"),
  jar("com.opencsv", "opencsv", "5.11.2", "690daad9014f23afd3ab6f1b0c45a5e0b738ac37a8d2e810e196193aab521245"),
  jar(
    "org.apache.commons",
    "commons-collections4",
    "4.5.0",
    "00f93263c267be201b8ae521b44a7137271b16688435340bf629db1bac0a5845",
  ),
  jar(
    "org.apache.commons",
    "commons-lang3",
    "3.17.0",
    "6ee731df5c8e5a2976a1ca023b6bb320ea8d3539fbe64c8a1d5cb765127c33b4",
  ),
  jar(
    "org.apache.commons",
    "commons-text",
    "1.13.1",
    "76434bd2dd778ab140d84b3c6ffa40c40fe6219909f5ed1d8b8977c5ae8e50c8",
  ),
  jar(
    "commons-io",
    "commons-io",
    "2.19.0",
    "824268919b4b62f9f40f08c54381de5993b078f58667e332d17348ae019d72b9",
  ),
  jar(
    "javax.xml.bind",
    "jaxb-api",
    "2.3.1",
    "88b955a0df57880a26a74708bc34f74dcaf8ebf4e78843a28b50eae945732b06",
  ),
];

const HOMES: Readonly<Record<ToolName, string>> = {
  flyway: `flyway-${FLYWAY.version}`,
  liquibase: "liquibase-4.33.0",
};

/** The program in the cache folder; null where it, or the Java that runs it, is not there. */
export const installedTool = (name: ToolName, env: NodeJS.ProcessEnv): string | null => {
  const program = join(homeOf(name, env), name);
  const java = (env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, "java")));
  return java && existsSync(program) ? program : null;
};

/** The same, brought by Maven where it is missing. Throws, saying what is wanting. */
export const ensureTool = async (name: ToolName, env: NodeJS.ProcessEnv): Promise<string> => {
  for (const needed of ["java", "mvn"])
    if (!(await onPath(needed, env)))
      throw new Error(`The real ${name} needs Java and Maven, and there is no ${needed} on the PATH`);
  const home = homeOf(name, env);
  const program = join(home, name);
  await exclusively(`${home}.lock`, async () => {
    if (existsSync(program)) return;
    await mkdir(join(home, ".."), { recursive: true });
    const fresh = await mkdtemp(`${home}.partial-`);
    try {
      await (name === "flyway" ? installFlyway(fresh) : installLiquibase(fresh));
      await rename(fresh, home);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
  });
  return program;
};

const homeOf = (name: ToolName, env: NodeJS.ProcessEnv): string => join(defaultCacheDir(env), HOMES[name]);

// The drivers and databases of everybody else are most of its 190 MB, and make every start slower.
const installFlyway = async (home: string): Promise<void> => {
  const packed = join(home, "packed");
  await copyArtifacts([FLYWAY], packed);
  const of = (path: string): string => `flyway-${FLYWAY.version}/${path}`;
  const wanted = [
    "flyway",
    "licenses/*",
    "lib/*.jar",
    ...["core", "commandline", "database-postgresql"].map((part) => `lib/flyway/flyway-${part}-*.jar`),
    "drivers/postgresql-*.jar",
  ];
  const others = ["lib/aad/*", "lib/oracle_wallet/*"].map((path) => `--exclude=${of(path)}`);
  const args = ["xzf", join(packed, fileOf(FLYWAY)), "-C", home, "--strip-components=1"];
  const patterns = ["--wildcards", "--no-wildcards-match-slash", ...others, ...wanted.map(of)];
  await promisify(execFile)("tar", [...args, ...patterns]);
  await chmod(join(home, "flyway"), 0o755);
  await rm(packed, { recursive: true });
};

// The registry has its classes; the script that starts them is in no artifact.
const installLiquibase = async (home: string): Promise<void> => {
  await copyArtifacts(LIQUIBASE, join(home, "lib"));
  const start = `exec java $JAVA_OPTS -cp "$(dirname "$0")/lib/*" liquibase.integration.commandline.LiquibaseCommandLine "$@"`;
  await writeFile(join(home, "liquibase"), `#!/bin/sh\n${start}\n`, { mode: 0o755 });
};

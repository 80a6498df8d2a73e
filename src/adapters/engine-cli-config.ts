import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "./engine-providers.ts";

export interface CliConfigSettings {
  readonly mode: "service" | "user";
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder for files that we write. */
  readonly cacheDir: string;
  /** A provider mirror in the file system; null where providers come from their registries. */
  readonly mirror: string | null;
  /** Whether registries may be asked too for what the mirror lacks. */
  readonly direct: boolean;
  /** The operator's own file, used as it is. */
  readonly cliConfig: string | null;
}

/**
 * The value for `TF_CLI_CONFIG_FILE`; undefined leaves the user's home configuration in force. A variable of the
 * user's that names a missing file is dropped, since the engine would complain at every call.
 */
export const cliConfigFile = async (settings: CliConfigSettings): Promise<string | undefined> => {
  if (settings.cliConfig) return settings.cliConfig;
  if (settings.mode === "service" || settings.mirror) return writeConfig(settings);
  const own = settings.env["TF_CLI_CONFIG_FILE"];
  return own && (await exists(own)) ? own : undefined;
};

const writeConfig = async ({ cacheDir, mirror, direct, env }: CliConfigSettings): Promise<string> => {
  const mirrors = mirror ? [mirror] : await machineMirrors(env["HOME"]);
  const text = await render(mirrors, direct || !mirror);
  const key = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const path = join(cacheDir, `engine-${key}.tfrc`);
  if (await exists(path)) return path;
  await mkdir(cacheDir, { recursive: true });
  // Several engines of one process may write it at once.
  const fresh = `${path}.${process.pid}.${randomUUID()}`;
  await writeFile(fresh, text);
  await rename(fresh, path);
  return path;
};

// Where engines look of themselves. They would also look into `terraform.d/plugins` of the checkout, and so run a
// provider that a pull request brought along; sources named one by one shut that door.
const machineMirrors = async (home: string | undefined): Promise<readonly string[]> => {
  const folders = [
    ...(home ? [join(home, ".terraform.d/plugins")] : []),
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
  ];
  const there = await Promise.all(folders.map(exists));
  return folders.filter((_folder, index) => there[index]);
};

const render = async (mirrors: readonly string[], direct: boolean): Promise<string> => {
  const held = (await Promise.all(mirrors.map((mirror) => providersIn(mirror)))).flat().sort();
  return [
    "# Written by Plumbline.",
    "provider_installation {",
    ...mirrors.flatMap((mirror) => ["  filesystem_mirror {", `    path = ${quoted(mirror)}`, "  }"]),
    ...(direct ? ["  direct {", `    exclude = [${held.map(quoted).join(", ")}]`, "  }"] : []),
    "}",
    "",
  ].join("\n");
};

const quoted = (text: string): string => JSON.stringify(text).replaceAll("${", "$${").replaceAll("%{", "%%{");

// `host/namespace/type` of each; the registry is not asked about them, so that a mirror works without a network.
const providersIn = async (folder: string, parts: readonly string[] = []): Promise<readonly string[]> => {
  const entries = await readdir(join(folder, ...parts), { withFileTypes: true }).catch(() => []);
  const below = entries.filter((entry) => entry.isDirectory()).map((entry) => [...parts, entry.name]);
  if (parts.length === 2) return below.map((path) => path.join("/"));
  return (await Promise.all(below.map((path) => providersIn(folder, path)))).flat();
};

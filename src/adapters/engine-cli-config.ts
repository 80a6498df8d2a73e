import { createHash } from "node:crypto";
import { access, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface CliConfigSettings {
  readonly mode: "service" | "user";
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder for files that we write. */
  readonly cacheDir: string;
  /** A provider mirror in the file system; null where providers come from their registries. */
  readonly mirror: string | null;
  /** Whether registries may be asked too where there is a mirror. */
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

const writeConfig = async ({ cacheDir, mirror, direct }: CliConfigSettings): Promise<string> => {
  const text = render(mirror, direct);
  const key = createHash("sha256").update(text).digest("hex").slice(0, 12);
  const path = join(cacheDir, `engine-${key}.tfrc`);
  if (await exists(path)) return path;
  await mkdir(cacheDir, { recursive: true });
  const fresh = `${path}.${process.pid}`;
  await writeFile(fresh, text);
  await rename(fresh, path);
  return path;
};

const render = (mirror: string | null, direct: boolean): string => {
  if (!mirror) return "# Written by Plumbline: no settings, so that nobody's home configuration applies.\n";
  const path = JSON.stringify(mirror).replaceAll("${", "$${").replaceAll("%{", "%%{");
  return [
    "# Written by Plumbline.",
    "provider_installation {",
    "  filesystem_mirror {",
    `    path = ${path}`,
    "  }",
    ...(direct ? ["  direct {", "  }"] : []),
    "}",
    "",
  ].join("\n");
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

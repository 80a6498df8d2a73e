import { resolve } from "node:path";
import { readServerConfig } from "../config/server-config.ts";
import type { ServerConfig } from "../model/config.ts";
import { PlumblineError } from "../model/errors.ts";
import { type Call, textOption } from "./command.ts";
import { readArgument, readOrNull } from "./files.ts";

/** The server's configuration from `--config`, PLUMBLINE_CONFIG and the variables; folders made absolute. */
export const readConfiguration = async (call: Call): Promise<ServerConfig> => {
  const file = textOption(call, "config") ?? call.env["PLUMBLINE_CONFIG"];
  const yamlText =
    file === undefined ? null : new TextDecoder().decode(await readArgument(call, file, "config-invalid"));
  const parsed = readServerConfig({
    yamlText,
    env: call.env,
    readFile: (path) => readOrNull(resolve(call.cwd, path)),
  });
  if (!parsed.ok) {
    const problems = parsed.problems.map(({ path, message }) =>
      path === "" ? message : `${path}: ${message}`,
    );
    throw new PlumblineError(
      "config-invalid",
      `The server's configuration is not in order.\n${problems.join("\n")}`,
      { hint: "docs/operations.md names every key and variable." },
    );
  }
  const { dataDir, artifacts } = parsed.value;
  return {
    ...parsed.value,
    dataDir: resolve(call.cwd, dataDir),
    artifacts: folderOrBucket(call.cwd, artifacts),
  };
};

const folderOrBucket = (cwd: string, artifacts: string): string =>
  artifacts.startsWith("s3://") ? artifacts : resolve(cwd, artifacts);

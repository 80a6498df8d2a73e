import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const EXAMPLE = new URL("../../workspaces-example/", import.meta.url);
export const WORKSPACES = ["network", "rds", "buckets", "kafka"] as const;

/** The example repository's files by path; the state server's address takes the place of the one that they name. */
export const exampleFiles = async (stateUrl: string): Promise<Record<string, string>> => {
  const files: Record<string, string> = {};
  for (const entry of await readdir(EXAMPLE, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(EXAMPLE.pathname.length);
    files[name] = (await readFile(path, "utf8")).replaceAll("http://127.0.0.1:8478", stateUrl);
  }
  return { ...files, ".gitignore": ".terraform/\n.terraform.lock.hcl\n" };
};

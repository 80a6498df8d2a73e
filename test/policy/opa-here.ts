import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultCacheDir } from "../../src/adapters/engine-find.ts";
import { createLog } from "../../src/adapters/log.ts";
import { installedOpa, type OpaSearch } from "../../src/adapters/opa-find.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";

export const OPA_SEARCH: OpaSearch = {
  path: process.env["PLUMBLINE_OPA"] ?? null,
  env: process.env,
  cacheDir: defaultCacheDir(process.env),
  log: createLog({ redactor: createRedactor(), level: "error", write: () => {} }),
};

const opa = await installedOpa(OPA_SEARCH).catch(() => null);
if (!opa)
  process.stderr.write("No OPA here (node scripts/opa.ts builds one): tests of policies are skipped.\n");

export const OPA = opa;

const CORPUS = fileURLToPath(new URL("../../../shared/corpora/policies", import.meta.url));
/** Policies that others published; null where this machine does not have them. */
export const PUBLISHED = existsSync(join(CORPUS, "SOURCES.md")) ? CORPUS : null;
if (!PUBLISHED) process.stderr.write("No ../shared/corpora/policies: published policies are not run.\n");

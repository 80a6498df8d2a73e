// Makes OPA ready for the tests of policies: from PLUMBLINE_OPA, the PATH, the cache, or a build with Go (about a
// minute, once). What cannot be had is said, and no failure.

import { defaultCacheDir } from "../src/adapters/engine-find.ts";
import { createLog } from "../src/adapters/log.ts";
import { findOpa } from "../src/adapters/opa-find.ts";
import { createRedactor } from "../src/adapters/redactor.ts";

const write = (line: string): void => void process.stderr.write(line);
try {
  const { binary, version } = await findOpa({
    path: process.env["PLUMBLINE_OPA"] ?? null,
    env: process.env,
    cacheDir: defaultCacheDir(process.env),
    log: createLog({ redactor: createRedactor(), write }),
  });
  write(`opa ${version} from ${binary}\n`);
} catch (failure) {
  write(`${(failure as Error).message} Its tests are skipped.\n`);
}

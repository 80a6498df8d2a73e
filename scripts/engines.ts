// Makes both engines ready for the tests where this machine can: Terraform comes from the PATH, OpenTofu from the
// PATH, the cache, or a build with Go (about four minutes, once). What cannot be had is said, and no failure.

import { defaultCacheDir, findEngine } from "../src/adapters/engine-find.ts";
import { createLog } from "../src/adapters/log.ts";
import { createRedactor } from "../src/adapters/redactor.ts";

const write = (line: string): void => void process.stderr.write(line);
const search = {
  path: null,
  env: process.env,
  cacheDir: defaultCacheDir(process.env),
  log: createLog({ redactor: createRedactor(), write }),
};
for (const distribution of ["terraform", "tofu"] as const) {
  try {
    const engine = await findEngine(search, { distribution });
    write(`${distribution} ${engine.version} from ${engine.from}\n`);
  } catch (failure) {
    write(`${(failure as Error).message} Its tests are skipped.\n`);
  }
}

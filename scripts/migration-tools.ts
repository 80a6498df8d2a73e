// Makes the real Flyway and the real Liquibase ready for the tests that hold ours to them: from the cache, or by Maven
// (once, about 200 MB). What cannot be had is said, and no failure.

import { ensureTool } from "../test/flyway/tools.ts";

for (const name of ["flyway", "liquibase"] as const) {
  const said = await ensureTool(name, process.env).then(
    (program) => `${name}: ${program}`,
    (failure: Error) => `${name}: ${failure.message}. Its tests are skipped.`,
  );
  process.stderr.write(`${said}\n`);
}

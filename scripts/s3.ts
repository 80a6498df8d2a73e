// Makes an S3 server ready for the tests of artifacts in a bucket: from the PATH, the cache, or a build with Go (about
// a minute, once). What cannot be had is said, and no failure.

import { createLog } from "../src/adapters/log.ts";
import { createRedactor } from "../src/adapters/redactor.ts";
import { ensureS3 } from "../test/contract/s3-binary.ts";

const write = (line: string): void => void process.stderr.write(line);
try {
  const program = await ensureS3(process.env, createLog({ redactor: createRedactor(), write }));
  write(
    program === null
      ? "No S3 server and no Go to build one. Its tests are skipped.\n"
      : `S3: ${program.path}\n`,
  );
} catch (failure) {
  write(`No S3 server could be built: ${(failure as Error).message}. Its tests are skipped.\n`);
}

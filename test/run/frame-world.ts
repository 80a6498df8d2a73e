import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createDirectoryArtifacts } from "../../src/adapters/artifacts-directory.ts";
import { systemClock } from "../../src/adapters/clock.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import type { Ledger } from "../../src/ports/ledger.ts";
import { createLogWatch } from "../../src/run/log-watch.ts";
import type { World } from "../../src/run/world.ts";
import { quiet } from "../contract/jobs.ts";

/** As much of a service as a run's frame needs. */
export const frameWorld = (ledger: Ledger, dir: string, withLease: World["withLease"]): World =>
  ({
    ...{ ledger, clock: systemClock, log: quiet, redactor: createRedactor(), withLease },
    ...{ logWatch: createLogWatch(), interruptApplies: new AbortController().signal, nudge: () => {} },
    artifacts: createDirectoryArtifacts(join(dir, "artifacts"), [new Uint8Array(32).fill(1)]),
    server: { triggerWords: ["plumbline"] },
    files: { scratch: async () => ({ path: dir, dispose: async () => {} }), write: writeFile },
  }) as unknown as World;

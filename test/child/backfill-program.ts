import { backfillJob } from "../../src/run/backfill-job.ts";
import { BACKFILL_KEY, BACKFILL_NAME, openBackfillWorld } from "./backfill-world.ts";

// A replica that works at a backfill until somebody kills it.
const { world } = await openBackfillWorld({
  ledger: process.env["LEDGER"] ?? "",
  target: process.env["TARGET"] ?? "",
});
await backfillJob(world)({ workspace: BACKFILL_KEY, name: BACKFILL_NAME }, AbortSignal.any([]));

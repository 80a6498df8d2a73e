import type { Outcome } from "../model/job.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { keepDesired } from "./desired-schema.ts";
import { storeFindings, withoutSecrets } from "./findings.ts";
import { frame } from "./frame.ts";
import { findInSchema } from "./migration-findings.ts";
import { prepareMigrations } from "./migration-prepare.ts";
import { proposeFound } from "./migration-propose.ts";
import { readRunInput } from "./run-input.ts";
import type { World } from "./world.ts";

/** A drift run of migrations, read aloud: check out the deploy branch, compare files, history and live schema, keep, tell. */
export const migrationDrift = (world: World, run: string, signal: AbortSignal): Promise<Outcome> =>
  frame(world, run, signal, async (scratch) => {
    const prepared = await prepareMigrations(world, scratch, readRunInput(scratch.run));
    scratch.afterwards(() => prepared.tree.release());
    const found = await scratch.step("compare", () => prepared.runner.drift(prepared.call));
    if (found.note !== null) scratch.log.line(found.note);
    const look = await findInSchema(world, scratch.workspace, found);
    const { findings, lifecycle } = look;
    for (const { address, path, cause } of findings)
      scratch.log.line(`${cause}: ${address}${path === "" ? "" : ` ${path}`}`);
    await proposeFound(world, scratch, prepared, look);
    await keepDesired(world, scratch, prepared);
    const { key } = scratch.workspace;
    return {
      to: "succeeded",
      commit: prepared.tree.commit,
      result: {
        ...(scratch.run.result as JsonObject),
        findings: findings.map((finding) => withoutSecrets(world, finding)) as unknown as Json,
        opened: lifecycle.opened.length,
        ended: lifecycle.ended.length,
        schemaVersion: found.version,
      },
      followUps: [{ job: { kind: "drift-pull", workspace: key }, dedupeKey: `drift-pull:${key}` }],
      store: (ledger) => storeFindings(world, ledger, scratch.workspace, look),
    };
  });

import type { RunState } from "../model/run.ts";
import { readLogRef } from "./log-ref.ts";
import type { World } from "./world.ts";

/** The kept log of a run, redacted once more by what is secret by now; null where there is no such run or no log of it. */
export const readRunLog = async (
  { ledger, artifacts, redactor }: Pick<World, "ledger" | "artifacts" | "redactor">,
  run: string,
): Promise<{ readonly state: RunState; readonly text: string } | null> => {
  const found = await ledger.runs.get(run);
  const ref = found?.logArtifact ? readLogRef(found.logArtifact) : null;
  if (!found || !ref) return null;
  return { state: found.state, text: redactor.redact(new TextDecoder().decode(await artifacts.get(ref))) };
};

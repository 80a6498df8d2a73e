import type { Actor } from "../model/alert.ts";
import type { Finding, OpenFinding } from "../model/finding.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Ledger } from "../ports/ledger.ts";

/** Who did it, as a few words with how sure that is. */
export const actorText = ({ who, at, action, confidence, source }: Actor): string =>
  `${who} at ${at.toISOString().slice(0, 16).replace("T", " ")} UTC (${action}; ${SURE[confidence]}, by ${source})`;

const SURE: Readonly<Record<Actor["confidence"], string>> = {
  exact: "a call on this resource",
  guess: "a guess: the last call to its service",
};

type Place = Pick<Finding, "address" | "path">;
const keyOf = (workspace: string, { address, path }: Place, fingerprint: string): string =>
  `actor:${workspace}:${address}:${path}:${fingerprint}`;

/** Who was found for a finding when it was found; null where nobody knows. */
export const actorOf = async (
  ledger: Pick<Ledger, "meta">,
  finding: Pick<OpenFinding, "workspace" | "address" | "path" | "fingerprint">,
): Promise<Actor | null> => {
  const kept = await ledger.meta.get(keyOf(finding.workspace, finding, finding.fingerprint));
  if (!isJsonObject(kept)) return null;
  const { who, at, action, confidence, source } = kept;
  return {
    ...{ who: String(who), at: new Date(String(at)), action: String(action) },
    ...{ confidence: confidence as Actor["confidence"], source: String(source) },
  };
};

/** The last answer counts: the same value may be set again by somebody else. */
export const keepActor = (
  ledger: Pick<Ledger, "meta">,
  workspace: string,
  finding: Place & { readonly fingerprint: string },
  actor: Actor | null,
): Promise<void> =>
  ledger.meta.set(
    keyOf(workspace, finding, finding.fingerprint),
    actor === null ? null : ({ ...actor, at: actor.at.toISOString() } as Json),
  );

/** By fingerprint, of those whose actor is known. */
export const actorTexts = async (
  ledger: Pick<Ledger, "meta">,
  findings: readonly OpenFinding[],
): Promise<ReadonlyMap<string, string>> => {
  const texts = new Map<string, string>();
  for (const finding of findings) {
    const actor = await actorOf(ledger, finding);
    if (actor) texts.set(finding.fingerprint, actorText(actor));
  }
  return texts;
};

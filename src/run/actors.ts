import { actorText } from "../alert/actor-text.ts";
import { type Actor, actorKey, readActor } from "../model/alert.ts";
import type { Finding, OpenFinding } from "../model/finding.ts";
import type { Json } from "../model/json.ts";
import type { Ledger } from "../ports/ledger.ts";

type Place = Pick<Finding, "address" | "path">;

/** Who was found for a finding when it was found; null where nobody knows. */
export const actorOf = async (
  ledger: Pick<Ledger, "meta">,
  finding: Pick<OpenFinding, "workspace" | "address" | "path" | "fingerprint">,
): Promise<Actor | null> => {
  return readActor(await ledger.meta.get(actorKey(finding.workspace, finding, finding.fingerprint)));
};

/** The last answer counts: the same value may be set again by somebody else. */
export const keepActor = (
  ledger: Pick<Ledger, "meta">,
  workspace: string,
  finding: Place & { readonly fingerprint: string },
  actor: Actor | null,
): Promise<void> =>
  ledger.meta.set(
    actorKey(workspace, finding, finding.fingerprint),
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

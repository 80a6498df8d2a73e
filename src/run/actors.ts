import { actorText } from "../alert/actor-text.ts";
import {
  type Actor,
  type ActorAnswer,
  actorKey,
  readActor,
  readAnswer,
  writeAnswer,
} from "../model/alert.ts";
import type { Finding, OpenFinding } from "../model/finding.ts";
import type { Ledger } from "../ports/ledger.ts";

type Place = Pick<Finding, "address" | "path">;

/** Who was found for a finding so far; null where nobody knows. */
export const actorOf = async (
  ledger: Pick<Ledger, "meta">,
  finding: Pick<OpenFinding, "workspace" | "address" | "path" | "fingerprint">,
): Promise<Actor | null> => {
  return readActor(await ledger.meta.get(actorKey(finding.workspace, finding, finding.fingerprint)));
};

/** The last answer counts: the same value may be set again by somebody else. */
export const keepAnswers = async (
  ledger: Pick<Ledger, "meta">,
  workspace: string,
  answers: ReadonlyMap<Place & { readonly fingerprint: string }, ActorAnswer>,
): Promise<void> => {
  for (const [finding, answer] of answers)
    await ledger.meta.set(actorKey(workspace, finding, finding.fingerprint), writeAnswer(answer));
};

/** What was answered so far; null where nobody was asked. */
export const answerOf = async (
  ledger: Pick<Ledger, "meta">,
  workspace: string,
  finding: Place & { readonly fingerprint: string },
): Promise<ActorAnswer | null> =>
  readAnswer(await ledger.meta.get(actorKey(workspace, finding, finding.fingerprint)));

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

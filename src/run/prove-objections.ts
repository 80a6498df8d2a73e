import { blockAddress } from "../codify/address.ts";
import type { Disturbed } from "../codify/elsewhere.ts";
import type { Change } from "../codify/facts.ts";
import { placeText } from "../model/finding.ts";
import type { SharedConflict, SharedProof } from "../model/shared-proof.ts";
import type { Edits } from "./prove-choices.ts";
import type { ElsewhereAnswer, Sharing } from "./prove-elsewhere.ts";

/** Another workspace's plan would change by an edit: the edit cannot stay as it is. */
interface Objection {
  readonly change: Change;
  readonly answer: ElsewhereAnswer;
  readonly reason: string;
}

/** Asks the workspaces that share edited files, and remembers what each of them said. */
export interface Objections {
  /** Changes that some workspace objects to, with the reason; none: every workspace that could be planned is content. */
  ask(edits: Edits, files: ReadonlyMap<string, string>): Promise<ReadonlyMap<Change, string>>;
  /** What it came to with the edits that were accepted in the end. */
  results(accepted: Edits): readonly SharedProof[];
}

export const createObjections = (sharing: Sharing | undefined): Objections => {
  const raised: Objection[] = [];
  let answers: readonly ElsewhereAnswer[] = [];
  return {
    ask: async (edits, files) => {
      answers = (await sharing?.ask(files)) ?? [];
      const fresh = answers.flatMap((answer) => objectionsOf(answer, edits));
      raised.push(...fresh);
      const byChange = Map.groupBy(fresh, ({ change }) => change);
      return new Map(
        [...byChange].map(([change, own]) => [change, own.map(({ reason }) => reason).join("; ")]),
      );
    },
    results: (accepted) => {
      const standing = raised.filter(({ change }) => !accepted.has(change));
      const all = [...answers, ...standing.map(({ answer }) => answer)];
      const byName = Map.groupBy(all, ({ workspace }) => workspace.label);
      return [...byName].flatMap(([name, [answer]]) =>
        answer
          ? resultOf(
              answer,
              standing.filter((one) => one.answer.workspace.label === name),
              accepted.size > 0,
            )
          : [],
      );
    },
  };
};

const resultOf = (
  answer: ElsewhereAnswer,
  standing: readonly Objection[],
  someAccepted: boolean,
): SharedProof => {
  const { workspace, settled } = answer;
  if (standing.length === 0) return unopposed(answer);
  const reason = [...new Set(standing.map((one) => one.reason))].join("; ");
  const conflicts = new Map(
    standing
      .flatMap(({ answer }) => answer.disturbed.filter(({ drifted }) => drifted))
      .map((disturbed) => [placeOf(disturbed), conflictOf(disturbed)]),
  );
  return {
    workspace: workspace.label,
    result: someAccepted ? "partial" : "refused",
    reason,
    settled: someAccepted ? settled : [],
    conflicts: [...conflicts.values()],
  };
};

/** What an edit came to in a workspace that it does not disturb. */
export const unopposed = ({ workspace, unproven, unasked, settled }: ElsewhereAnswer): SharedProof => {
  const none = { workspace: workspace.label, settled, conflicts: [] };
  if (unproven === null) return { ...none, result: "proven", reason: null };
  const partial = { ...none, result: "partial", reason: `not proven there: ${unproven}` } as const;
  return unasked ? partial : { ...partial, unplanned: true };
};

const conflictOf = ({ address, attribute, values }: Disturbed): SharedConflict => ({
  address,
  path: attribute,
  values: values && { here: values.edited, there: values.live },
});

const objectionsOf = (answer: ElsewhereAnswer, edits: Edits): readonly Objection[] => {
  const { workspace, disturbed } = answer;
  if (disturbed.length === 0) return [];
  const reads = [...edits].filter(([, own]) => own.some(({ file }) => workspace.reads(file.path)));
  // Somebody must be to blame, or the edit would be taken for proven there.
  const reaching = (reads.length > 0 ? reads : [...edits]).map(([change]) => change);
  const byChange = new Map<Change, Disturbed[]>();
  for (const one of disturbed) {
    for (const change of suspects(one, reaching))
      byChange.set(change, [...(byChange.get(change) ?? []), one]);
  }
  return [...byChange].map(([change, own]) => ({ change, answer, reason: reasonOf(workspace.label, own) }));
};

/** Who may have done it: the same attribute of a resource of that name, any edit of such an attribute, all that reach it. */
const suspects = ({ address, attribute }: Disturbed, reaching: readonly Change[]): readonly Change[] => {
  const name = resourceName(address);
  const circles = [
    (change: Change) => resourceName(change.address) === name && change.attribute === attribute,
    (change: Change) => resourceName(change.address) === name && (attribute === "" || change.removes),
    (change: Change) => attribute !== "" && change.attribute === attribute,
    () => true,
  ];
  return circles.map((fits) => reaching.filter(fits)).find((found) => found.length > 0) ?? [];
};

/** `type.name`, wherever the module that holds it is called from. */
const resourceName = (address: string): string => blockAddress(address).split(".").slice(-2).join(".");

const MOST_PLACES = 3;

/** Why an edit cannot stay as it is for the sake of one workspace. */
export const reasonOf = (label: string, disturbed: readonly Disturbed[]): string => {
  const shown = disturbed.slice(0, MOST_PLACES).map(placeOf);
  const more = disturbed.length > MOST_PLACES ? ` and ${disturbed.length - MOST_PLACES} more` : "";
  const says = disturbed.some(({ drifted }) => drifted)
    ? `${label} shares the code and drifted to something else`
    : `it would also change ${label}`;
  return `${says}: ${shown.join(", ")}${more}`;
};

const placeOf = ({ address, attribute, values }: Disturbed): string => {
  const place = placeText({ address, path: attribute });
  return values ? `${place} (live there: ${values.live}, the edit makes it ${values.edited})` : place;
};

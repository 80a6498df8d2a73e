import type { GateReason } from "../model/decision.ts";
import { approvalGate } from "./approvals.ts";
import { claimGate } from "./claim.ts";
import { contractGate } from "./contract.ts";
import { contractsOf } from "./durable.ts";
import { rolloutGates } from "./rollout.ts";
import type { StatefulFacts } from "./stateful-facts.ts";
import { windowGate } from "./windows.ts";

/** Everything that still stands between a change of durable state and its apply; the freeze is asked apart. */
export const statefulGates = (facts: StatefulFacts): readonly GateReason[] => [
  ...claimGate(facts),
  ...contractApart(facts),
  ...contractGate(facts),
  ...rolloutGates(facts),
  ...approvalGate(facts),
  ...windowGate(facts),
];

const RENAMES = /^(rename-(column|table|object)|move-schema|enum-rename-value|expand-and-contract)$/;

/** Contract takes away what expand's way back needs, so the two never come together. */
export const contractApart = ({
  governance,
  changes,
  claims,
  databases = false,
}: StatefulFacts): readonly GateReason[] => {
  if (!governance.contractApart) return [];
  const contract = contractsOf(changes);
  const renames = databases ? contract.filter(({ rule }) => RENAMES.test(rule)) : [];
  const expand = changes.filter((one) => one.phase === "expand");
  const claimed = claims.claim?.phases ?? [];
  const both =
    renames.length > 0 ||
    (contract.length > 0 && (expand.length > 0 || claimed.includes("expand"))) ||
    (claimed.includes("contract") && (expand.length > 0 || claimed.includes("expand")));
  if (!both) return [];
  return [
    {
      gate: "contract-with-expand",
      message:
        "This pull request makes room for a new shape and takes the old one away at once: nothing could be rolled back.",
      wayOut:
        "Take the contract out, and open it as a pull request of its own once nothing reads the old shape.",
      details: [
        ...renames.map(
          ({ place }) => `a new name is both at once: ${place}: add it beside the old one first`,
        ),
        ...expand.map(({ place, message }) => `expand: ${place}: ${message}`),
        ...contract.map(({ place, message }) => `contract: ${place}: ${message}`),
      ],
    },
  ];
};

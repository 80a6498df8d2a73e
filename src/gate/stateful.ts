import type { GateReason } from "../model/decision.ts";
import { approvalGate } from "./approvals.ts";
import { claimGate } from "./claim.ts";
import { contractGate } from "./contract.ts";
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

/** Contract takes away what expand's way back needs, so the two never come together. */
const contractApart = ({ governance, changes, claims }: StatefulFacts): readonly GateReason[] => {
  if (!governance.contractApart) return [];
  const contract = changes.filter((one) => one.phase === "contract");
  const expand = changes.filter((one) => one.phase === "expand");
  const claimed = claims.claim?.phases ?? [];
  const both =
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
        ...expand.map(({ place, message }) => `expand: ${place}: ${message}`),
        ...contract.map(({ place, message }) => `contract: ${place}: ${message}`),
      ],
    },
  ];
};

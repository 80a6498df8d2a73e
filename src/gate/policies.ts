import type { GateApproval, PolicyDenial } from "./apply-facts.ts";

/**
 * What policies deny and too few of their owners have approved. An approval is bound to this very plan, like every
 * other one.
 */
export const openDenials = <D extends PolicyDenial>(
  denied: readonly D[],
  approvals: readonly Pick<GateApproval, "kind" | "by" | "digest">[],
  digest: string,
): readonly D[] => {
  const given = approvals.filter((one) => one.kind === "policy" && one.digest === digest).map(({ by }) => by);
  return denied.filter(({ owners, needs = 1 }) => {
    const counted = owners ? given.filter((by) => owners.includes(by)) : given;
    return new Set(counted).size < needs;
  });
};

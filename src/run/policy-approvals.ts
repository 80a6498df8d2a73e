import type { PolicyDenial } from "../gate/apply-facts.ts";
import type { Denial } from "../model/policy.ts";
import type { ApprovalRow } from "../ports/ledger.ts";
import { roleMembers } from "./approver-facts.ts";
import type { World } from "./world.ts";

/** Denials with those of their owners who have spoken; team members are asked of the forge now. */
export const withOwners = async <D extends Denial>(
  world: World,
  repo: string,
  denied: readonly D[],
  approvals: readonly Pick<ApprovalRow, "kind" | "by">[],
): Promise<readonly (Omit<D, "owners"> & PolicyDenial & { readonly named: readonly string[] })[]> => {
  const people = [...new Set(approvals.filter(({ kind }) => kind === "policy").map(({ by }) => by))];
  return Promise.all(
    denied.map(async (denial) => ({
      ...denial,
      named: denial.owners,
      owners: await ownersAmong(world, repo, denial.owners, people),
      needs: denial.approvals,
    })),
  );
};

/** Which of these people own a policy set; nobody does where it names nobody. */
export const ownersAmong = async (
  world: World,
  repo: string,
  owners: readonly string[],
  people: readonly string[],
): Promise<readonly string[]> => {
  if (owners.length === 0 || people.length === 0) return [];
  const members = await roleMembers(world, repo, owners, people);
  return members.kind === "named" ? people.filter((login) => members.logins.has(login.toLowerCase())) : [];
};

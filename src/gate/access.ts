import {
  ACCESS_ROLES,
  type AccessConfig,
  type AccessRole,
  type Grant,
  type LoginClaims,
  type Principal,
} from "../model/access.ts";

/** Whether somebody may act in a role on a workspace (its key); null: on what belongs to the whole service. */
export const mayAct = (
  { grants }: Pick<Principal, "grants">,
  needs: AccessRole,
  workspace: string | null,
): boolean =>
  grants.some(
    ({ role, workspaces }) =>
      holds(role, needs) &&
      workspaces.some((pattern) =>
        workspace === null ? pattern === "*" : coversWorkspace(pattern, workspace),
      ),
  );

/** Patterns of the workspaces where somebody may act in a role; none where nowhere. */
export const placesOf = ({ grants }: Pick<Principal, "grants">, needs: AccessRole): readonly string[] => [
  ...new Set(grants.filter(({ role }) => holds(role, needs)).flatMap(({ workspaces }) => workspaces)),
];

const holds = (role: AccessRole, needs: AccessRole): boolean =>
  ACCESS_ROLES.indexOf(role) >= ACCESS_ROLES.indexOf(needs);

/** `acme/infra//prod/*`: `*` stands for anything, also for slashes. */
export const coversWorkspace = (pattern: string, workspace: string): boolean => {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(workspace);
};

/** The grants of a person by groups and by name; nobody who is in none has any. */
export const grantsOf = (
  { subject, email, groups }: LoginClaims,
  configured: AccessConfig["grants"],
): readonly Grant[] =>
  configured
    .filter(
      (grant) =>
        grant.groups.some((group) => groups.includes(group)) ||
        grant.people.some((name) => name === subject || (email !== null && name === email)),
    )
    .map(({ role, workspaces }) => ({ role, workspaces }));

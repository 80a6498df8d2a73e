// The code of the soak's workspaces. What an apply did is told by two logs that only grow and that Plumbline does not
// write: lines that provisioners append, and the demo cloud's request log.

export interface SoakWorkspace {
  /** `acme/soak-0`. */
  readonly repo: string;
  /** Its folder, which is also its name in state store and logs. */
  readonly dir: string;
  /** Has a resource in the demo cloud, which can drift; the others append to the log of effects. */
  readonly cloud: boolean;
}

const CLOUD_EVERY = 10;

export const soakWorkspaces = (count: number, perRepo: number): readonly SoakWorkspace[] =>
  Array.from({ length: count }, (_, index) => ({
    repo: `acme/soak-${Math.floor(index / perRepo)}`,
    dir: `ws-${String(index).padStart(3, "0")}`,
    cloud: index % CLOUD_EVERY === 0,
  }));

/** Backend and providers; a change adds a file of its own beside it. */
export const rootOf = ({ dir, cloud }: SoakWorkspace, stateUrl: string): string => {
  const address = `${stateUrl}/state/${dir}`;
  const provider = '  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n';
  return `terraform {
  backend "http" {
    address        = "${address}"
    lock_address   = "${address}"
    unlock_address = "${address}"
  }
${cloud ? provider : ""}}
`;
};

/** Id of the thing that a change makes in a workspace; both logs name it. */
export const thingOf = ({ dir }: SoakWorkspace, change: string): string => `${dir}-${change}`;

export type Flaw = "none" | "plan-fails" | "apply-fails-once";

/** `effects` is the absolute path of the log of effects. */
export const changeFile = (
  workspace: SoakWorkspace,
  change: string,
  { effects, flaw }: { readonly effects: string; readonly flaw: Flaw },
): string => {
  const thing = thingOf(workspace, change);
  const note = flaw === "plan-fails" ? "var.nowhere" : `"${change}"`;
  if (workspace.cloud)
    return `resource "aws_iam_role" "${change}" {
  name               = "${thing}"
  assume_role_policy = "{}"
  description        = ${note}
}
`;
  const once = `test -e ${effects}.${thing} || { touch ${effects}.${thing}; exit 1; }; `;
  return `resource "terraform_data" "${change}" {
  input = ${note}
  provisioner "local-exec" {
    command = "${flaw === "apply-fails-once" ? once : ""}echo ${thing} >> ${effects}"
  }
}
`;
};

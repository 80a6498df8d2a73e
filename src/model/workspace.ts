/** What is planned, locked and watched as one. SQL schemas are a second kind under the same ledger. */
export type WorkspaceKind = "terraform" | "postgres-migrations";

export interface WorkspaceId {
  /** `owner/name` as the forge spells it. */
  readonly repo: string;
  /** Folder from the repository's root, `.` for the root itself; never with a leading or trailing slash. */
  readonly dir: string;
  /** Engine workspace (`default`) or database name. */
  readonly name: string;
  /** Set only where one folder and engine workspace hold several projects (Atlantis's `name`). */
  readonly project?: string;
}

/** A workspace as it is stored. */
export interface WorkspaceNames {
  /** What `workspaceKey` gives. */
  readonly key: string;
  readonly repo: string;
  readonly dir: string;
  readonly name: string;
  readonly project: string | null;
  readonly kind: WorkspaceKind;
}

/** `owner/repo//dir#name`, with `:project` after it where several projects share folder and name. */
export const workspaceKey = (id: WorkspaceId): string =>
  `${id.repo}//${id.dir}#${id.name}${id.project ? `:${id.project}` : ""}`;

/** The path from the repository's root of what lies in a workspace's folder. */
export const pathIn = (dir: WorkspaceId["dir"], path: string): string =>
  dir === "." ? path : `${dir}/${path}`;

/** What people call it: its project, else its folder, with the engine workspace where that is not `default`. */
export const titleOf = ({ dir, name, project }: Pick<WorkspaceId, "dir" | "name" | "project">): string =>
  project ?? (name === "default" ? dir : `${dir}#${name}`);

const KEY = /^(?<repo>[^#]+?)\/\/(?<dir>[^#]+)#(?<name>[^:#]+)(?::(?<project>[^#]+))?$/;

/** Reads back what `workspaceKey` wrote; `undefined` when the text is no key. */
export const parseWorkspaceKey = (key: string): WorkspaceId | undefined => {
  const groups = KEY.exec(key)?.groups;
  if (!groups) return undefined;
  const { repo, dir, name, project } = groups as {
    repo: string;
    dir: string;
    name: string;
    project?: string;
  };
  return project ? { repo, dir, name, project } : { repo, dir, name };
};

/** Where the three states of a workspace are, by kind: what Git says, what is recorded, what is real. */
export interface StateRefs {
  readonly desired: { readonly repo: string; readonly dir: string; readonly branch: string };
  readonly recorded:
    | { readonly type: "terraform-state"; readonly lineage: string | null; readonly serial: number | null }
    | { readonly type: "schema-history"; readonly table: string; readonly version: string | null };
  readonly actual:
    | { readonly type: "providers"; readonly sources: readonly string[] }
    | { readonly type: "postgres"; readonly database: string };
}

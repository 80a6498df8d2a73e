/** What Plumbline wants to know of a module before any engine runs. Files are named as they were given. */
export interface ModuleFacts {
  readonly resources: readonly ResourceFact[];
  readonly calls: readonly ModuleCall[];
  /** The last one that counts; `cloud` where a `cloud` block stands in its place. */
  readonly backend: { readonly type: string; readonly file: string } | null;
  readonly requiredVersions: readonly string[];
  readonly requiredProviders: readonly RequiredProvider[];
  readonly providers: readonly { readonly name: string; readonly alias: string | null }[];
  readonly variables: readonly VariableFact[];
  readonly reads: readonly ReadPath[];
  /** Whether it also reads a file of which nothing is certain, such as `file(var.path)`. */
  readonly readsUntold: boolean;
  readonly problems: readonly FileProblem[];
}

export interface ResourceFact {
  readonly mode: "managed" | "data" | "ephemeral";
  readonly type: string;
  readonly name: string;
  readonly file: string;
  /** Kinds of its provisioners, such as `local-exec`. */
  readonly provisioners: readonly string[];
}

export interface VariableFact {
  readonly name: string;
  /** Without a default. */
  readonly required: boolean;
}

export interface ModuleCall {
  readonly name: string;
  /** Null where it is no literal text. */
  readonly source: string | null;
  readonly version: string | null;
  readonly file: string;
}

export interface RequiredProvider {
  readonly name: string;
  readonly source: string | null;
  readonly version: string | null;
}

/**
 * A file or folder that the module's code reads, as far as it can be told: of `"${path.module}/policies/${x}.json"`
 * the folder `policies`. `base` says from where: the module's folder (`path.module`), or the root module's (`path.root`
 * and plain relative paths, which the engine takes from its working folder).
 */
export interface ReadPath {
  readonly base: "module" | "root";
  readonly path: string;
}

export interface FileProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export const NO_FACTS: ModuleFacts = {
  resources: [],
  calls: [],
  backend: null,
  requiredVersions: [],
  requiredProviders: [],
  providers: [],
  variables: [],
  reads: [],
  readsUntold: false,
  problems: [],
};

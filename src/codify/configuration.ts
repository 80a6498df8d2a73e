import { isModuleFile, isOverride } from "../hcl/module.ts";
import type { Attribute, Block, Expression, ParseHcl, SourceFile } from "../hcl/syntax.ts";
import type { Json } from "../model/json.ts";
import { type ModuleStep, parseAddress, type ResourceAddress } from "./address.ts";
import { parseJsonModule } from "./json-body.ts";
import { parseLeniently } from "./lenient-parse.ts";
import { refuse } from "./refusal.ts";
import type { Value } from "./value.ts";

/** The code of one root module with everything that it calls, as text, and the files that it
 * reads. Paths are relative to the repository, `.` for its root. */
export interface CodeFacts {
  readonly parse: ParseHcl;
  readonly files: ReadonlyMap<string, string>;
  /** The root module's folder. */
  readonly dir: string;
  /** Module key (`a.b`) -> folder in `files`, for modules that an installer fetched: read, never edited. */
  readonly installed: ReadonlyMap<string, string>;
  /** Files that must not be edited, with the reason: symbolic links. */
  readonly foreign?: ReadonlyMap<string, string>;
  /** Variable files in rising precedence: automatic ones first, then those of the command line. */
  readonly varFiles: readonly string[];
  /** Those of `varFiles` that this workspace alone is given; left out where no other workspace is known. */
  readonly ownVarFiles?: readonly string[];
  /** Values of the root's variables, as the plan tells them. */
  readonly variables: Readonly<Record<string, Json>>;
}

export interface Root {
  readonly facts: CodeFacts;
  readonly varFiles: readonly SourceFile[];
  readonly source: (path: string) => SourceFile;
  /** A file that holds no HCL, for edits of its text. */
  readonly plain: (path: string) => SourceFile;
  readonly filesOf: (dir: string) => readonly SourceFile[];
}

/** One module as it is called: the same folder called twice is two of these. */
export interface Module {
  readonly root: Root;
  readonly dir: string;
  readonly files: readonly SourceFile[];
  readonly steps: readonly ModuleStep[];
  readonly editable: boolean;
  /** Null for the root. */
  readonly caller: { readonly call: PlacedBlock; readonly scope: Scope } | null;
}

/** A block with the parts of override files that lie over it, first to last. */
export interface PlacedBlock {
  readonly file: SourceFile;
  readonly block: Block;
  readonly overrides: readonly { readonly file: SourceFile; readonly block: Block }[];
}

/** What a name means: a value, or a part of an expression elsewhere. */
export type Binding =
  | { readonly kind: "value"; readonly value: Value }
  | Place
  /** Of a dynamic block: `.key` and `.value`. */
  | { readonly kind: "iterator"; readonly place: Place };

export interface Place {
  readonly kind: "place";
  readonly expression: Expression;
  readonly path: readonly (string | number)[];
  readonly scope: Scope;
}

/** Where an expression stands: its file, its module, the names bound around it, and the instance that it is read for. */
export interface Scope {
  readonly module: Module;
  readonly file: SourceFile;
  readonly names: ReadonlyMap<string, Binding>;
  readonly instance: Instance | null;
}

export type Instance =
  | { readonly kind: "each"; readonly key: string; readonly collection: Place }
  | { readonly kind: "count"; readonly key: number };

const NOTHING = { attributes: [], blocks: [] };

export const openRoot = (facts: CodeFacts): Module => {
  const sources = new Map<string, SourceFile>();
  const source = (path: string): SourceFile => {
    const text = facts.files.get(path) ?? "";
    const known = sources.get(path) ?? parseAny(facts.parse, path, text);
    sources.set(path, known);
    return known;
  };
  const filesOf = (dir: string): readonly SourceFile[] => {
    const names = [...facts.files.keys()].filter((path) => folderOf(path) === dir && isModuleFile(path));
    const ordered = [...names.filter((path) => !isOverride(path)).sort(), ...names.filter(isOverride).sort()];
    return ordered.map(source);
  };
  const texts = new Map<string, SourceFile>();
  const plain = (path: string): SourceFile => {
    const text = facts.files.get(path) ?? "";
    const known = texts.get(path) ?? { path, text, body: NOTHING, comments: [], problems: [] };
    texts.set(path, known);
    return known;
  };
  const root: Root = { facts, source, plain, filesOf, varFiles: facts.varFiles.map(source) };
  return { root, dir: facts.dir, files: filesOf(facts.dir), steps: [], editable: true, caller: null };
};

const parseAny = (parse: ParseHcl, path: string, text: string): SourceFile =>
  isModuleFile(path) && path.endsWith(".json")
    ? parseJsonModule(parse, path, text)
    : parseLeniently(parse, path, text);

const folderOf = (path: string): string => (path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".");

/** The module in which a resource's block stands. */
export const moduleAt = (root: Module, steps: readonly ModuleStep[]): Module =>
  steps.reduce(calledModule, root);

const calledModule = (module: Module, step: ModuleStep): Module => {
  const call =
    findBlock(module, "module", step.name) ??
    refuse(`module.${step.name} is not written in ${module.dir}, or in JSON syntax`);
  const source = attributeOf(call, "source")?.attribute.value;
  const text = source?.kind === "literal" && typeof source.value === "string" ? source.value : "";
  const local = /^\.\.?(\/|$)/.test(text);
  const key = [...module.steps.map(({ name }) => name), step.name].join(".");
  const dir = local ? joined(module.dir, text) : module.root.facts.installed.get(key);
  if (dir === undefined) return refuse(`the source of module.${step.name} is not in this repository`);
  return {
    root: module.root,
    dir,
    files: module.root.filesOf(dir),
    steps: [...module.steps, step],
    editable: module.editable && local,
    caller: { call, scope: instanceScope(module, call, step.key) },
  };
};

/** A folder or file as a path from another one names it. */
export const joined = (dir: string, source: string): string => {
  const steps = dir === "." ? [] : dir.split("/");
  for (const step of source.split("/")) {
    if (step === "" || step === ".") continue;
    if (step !== "..") steps.push(step);
    else if (steps.length === 0 || steps.at(-1) === "..") steps.push("..");
    else steps.pop();
  }
  return steps.length === 0 ? "." : steps.join("/");
};

export const findBlock = (
  module: Module,
  type: string,
  ...labels: readonly string[]
): PlacedBlock | undefined => {
  const found = module.files.flatMap((file) =>
    file.body.blocks
      .filter((block) => block.type === type && labels.every((label, index) => block.labels[index] === label))
      .map((block) => ({ file, block })),
  );
  const [first, ...overrides] = found;
  return first && { ...first, overrides: overrides.filter(({ file }) => isOverride(file.path)) };
};

/** The attribute that counts, with the file in which it stands. */
export const attributeOf = (
  { file, block, overrides }: PlacedBlock,
  name: string,
): { readonly file: SourceFile; readonly attribute: Attribute } | undefined => {
  for (const place of [...overrides].reverse().concat({ file, block })) {
    const attribute = place.block.body.attributes.find((one) => one.name === name);
    if (attribute) return { file: place.file, attribute };
  }
  return undefined;
};

export const findLocal = (
  module: Module,
  name: string,
): { readonly file: SourceFile; readonly attribute: Attribute } | undefined =>
  module.files
    .flatMap((file) =>
      file.body.blocks
        .filter(({ type }) => type === "locals")
        .flatMap(({ body }) => body.attributes.filter((one) => one.name === name))
        .map((attribute) => ({ file, attribute })),
    )
    .at(-1);

export const plainScope = (module: Module, file: SourceFile): Scope => ({
  module,
  file,
  names: new Map(),
  instance: null,
});

export const withNames = (scope: Scope, names: Readonly<Record<string, Binding>>): Scope => ({
  ...scope,
  names: new Map([...scope.names, ...Object.entries(names)]),
});

/** The scope inside a block that may be repeated, for one of its instances. */
export const instanceScope = (
  module: Module,
  placed: PlacedBlock,
  key: string | number | undefined,
): Scope => {
  const scope = plainScope(module, placed.file);
  const each = attributeOf(placed, "for_each");
  if (each && typeof key === "string") {
    const collection: Place = {
      kind: "place",
      expression: each.attribute.value,
      path: [],
      scope: plainScope(module, each.file),
    };
    return { ...scope, instance: { kind: "each", key, collection } };
  }
  return typeof key === "number" ? { ...scope, instance: { kind: "count", key } } : scope;
};

/** Where a resource's block stands, and the scope of the instance that the address names. */
export interface FoundResource {
  readonly address: ResourceAddress;
  readonly module: Module;
  readonly placed: PlacedBlock;
  readonly scope: Scope;
}

/** @throws Refusal where the code has no such block that could be edited. */
export const findResource = (root: Module, text: string): FoundResource => {
  const address = parseAddress(text) ?? refuse("the address is not that of a managed resource");
  const module = moduleAt(root, address.modules);
  const placed =
    findBlock(module, "resource", address.type, address.name) ??
    refuse(
      "no block of this resource was found in HCL files (JSON syntax, or a file that could not be read)",
    );
  return { address, module, placed, scope: instanceScope(module, placed, address.key) };
};

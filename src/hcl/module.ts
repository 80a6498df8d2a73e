import { type ModuleFacts, NO_FACTS } from "./facts.ts";
import { jsonFacts } from "./module-json.ts";
import { nativeFacts } from "./module-native.ts";
import type { ParseHcl } from "./syntax.ts";

/** Reads the files of one folder, path -> text; everything that is no module file is passed over. */
export type ReadModule = (files: ReadonlyMap<string, string>) => ModuleFacts;

/**
 * A reader that remembers what it has read, by text: between two commits of a repository almost nothing changes.
 * A broken file is in `problems`, and what could be read of it still counts.
 */
export const moduleReader = (parse: ParseHcl, remembered = 20_000): ReadModule => {
  const known = new Map<string, ModuleFacts>();
  const read = (file: string, text: string): ModuleFacts => {
    const key = `${file}\0${text}`;
    const before = known.get(key);
    if (before) return before;
    const facts = factsOf(parse, file, text);
    const [oldest] = known.keys();
    if (known.size >= remembered && oldest !== undefined) known.delete(oldest);
    known.set(key, facts);
    return facts;
  };
  return (files) => {
    const names = [...files.keys()].filter(isModuleFile).sort();
    const ordered = [...names.filter((name) => !isOverride(name)), ...names.filter(isOverride)];
    return ordered.reduce((module, name) => joined(module, read(name, files.get(name) ?? "")), NO_FACTS);
  };
};

const factsOf = (parse: ParseHcl, file: string, text: string): ModuleFacts => {
  try {
    return file.endsWith(".json") ? jsonFacts(parse, file, text) : nativeFacts(parse(file, text));
  } catch (failure) {
    if (!(failure instanceof RangeError)) throw failure;
    const message = "This file cannot be read: it is nested too deeply.";
    return { ...NO_FACTS, problems: [{ file, line: 1, column: 1, message }] };
  }
};

/** `main.tf`, `main.tofu`, `main.tf.json`, `main.tofu.json`; not what editors leave behind. */
export const isModuleFile = (path: string): boolean => {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return /\.(tf|tofu)(\.json)?$/.test(name) && !name.startsWith(".") && !/^#.*#$/.test(name);
};

export const isOverride = (path: string): boolean => /(^|[/_])override\.(tf|tofu)(\.json)?$/.test(path);

/** Files are read in the engine's order, so what comes later wins: overrides, and `.tofu` beside `.tf`. */
const joined = (module: ModuleFacts, file: ModuleFacts): ModuleFacts => ({
  resources: [
    ...module.resources.filter(
      (before) =>
        !file.resources.some(
          ({ mode, type, name }) => before.mode === mode && before.type === type && before.name === name,
        ),
    ),
    ...file.resources,
  ],
  calls: joinedCalls(module, file),
  backend: file.backend ?? module.backend,
  requiredVersions: [...module.requiredVersions, ...file.requiredVersions],
  requiredProviders: byName([...module.requiredProviders, ...file.requiredProviders]),
  providers: [...module.providers, ...file.providers],
  variables: byName([...module.variables, ...file.variables]),
  reads: [...module.reads, ...file.reads],
  readsUntold: module.readsUntold || file.readsUntold,
  problems: [...module.problems, ...file.problems],
});

const joinedCalls = (module: ModuleFacts, file: ModuleFacts): ModuleFacts["calls"] => {
  const overridden = module.calls.map((call) => {
    const over = file.calls.find(({ name }) => name === call.name);
    if (!over) return call;
    return { ...call, source: over.source ?? call.source, version: over.version ?? call.version };
  });
  const added = file.calls.filter(({ name }) => !module.calls.some((call) => call.name === name));
  return [...overridden, ...added];
};

const byName = <T extends { readonly name: string }>(items: readonly T[]): T[] => [
  ...new Map(items.map((item) => [item.name, item])).values(),
];

import type { Block, Expression, SourceFile, Span } from "../hcl/syntax.ts";
import type { SurfaceItem } from "./surface-item.ts";
import { membersOf, plainText, written } from "./surface-text.ts";

/**
 * The providers that a folder's code takes, those included that nobody declares: the engine fetches
 * `hashicorp/NAME` for a resource type `NAME_...`.
 */
export const providersOf = (files: readonly SourceFile[]): readonly SurfaceItem[] => {
  const declared = files.flatMap(declaredIn);
  const names = new Set(declared.map(({ name }) => name));
  const implied = new Map<string, SurfaceItem>();
  for (const file of files) {
    for (const { name, place } of file.body.blocks.flatMap((block) => usedBy(block))) {
      if (names.has(name) || name === "terraform" || implied.has(name)) continue;
      implied.set(name, providerItem(`hashicorp/${name}`, file.path, place.start));
    }
  }
  return [...declared.flatMap(({ items }) => items), ...implied.values()];
};

const providerItem = (source: string, path: string, start: number): SurfaceItem => ({
  check: "providers",
  key: `provider:${source}`,
  path,
  start,
  what: `the provider ${source}`,
  source,
});

const declaredIn = (
  file: SourceFile,
): readonly { readonly name: string; readonly items: readonly SurfaceItem[] }[] =>
  file.body.blocks
    .filter(({ type }) => type === "terraform")
    .flatMap(({ body }) => body.blocks)
    .filter(({ type }) => type === "required_providers")
    .flatMap(({ body }) => body.attributes)
    .map(({ name, value, start }) => ({ name, items: requirement(name, value, start, file) }));

const requirement = (
  name: string,
  value: Expression,
  start: number,
  file: SourceFile,
): readonly SurfaceItem[] => {
  const members = new Map(membersOf(value));
  const written_ = members.get("source");
  const source = written_ ? sourceName(plainText(written_) ?? written(file, written_)) : `hashicorp/${name}`;
  if (source === "terraform.io/builtin/terraform") return [];
  const version = value.kind === "object" ? members.get("version") : value;
  const provider = providerItem(source, file.path, start);
  if (!version) return [provider];
  const text = plainText(version) ?? written(file, version);
  return [
    provider,
    {
      ...provider,
      check: "versions",
      key: `provider:${source}@${text}`,
      what: `version ${text} of the provider ${source}`,
    },
  ];
};

/** `aws` stands for `hashicorp/aws`; names are compared as registries do. */
const sourceName = (source: string): string => {
  const name = source.toLowerCase();
  return name.includes("/") ? name : `hashicorp/${name}`;
};

const TYPED = new Set(["resource", "data", "ephemeral", "action", "list"]);

const usedBy = (block: Block): readonly { readonly name: string; readonly place: Span }[] => {
  const nested = block.type === "check" ? block.body.blocks.flatMap(usedBy) : [];
  const [label = ""] = block.labels;
  if (block.type === "provider") return [{ name: label, place: block }, ...nested];
  if (!TYPED.has(block.type)) return nested;
  const told = block.body.attributes.find(({ name }) => name === "provider")?.value;
  const root = told?.kind === "traversal" ? told.root : plainText(told)?.split(".")[0];
  return [{ name: root ?? label.split("_")[0] ?? label, place: block }, ...nested];
};

/** Generated code of one root module, and what its engine would say; all synthetic. */
export interface CodifyFixture {
  readonly files: ReadonlyMap<string, string>;
  /** `show -json` with the drift, and of the code that says what is real. */
  readonly drifted: string;
  readonly settled: string;
  /** `providers schema -json`. */
  readonly schemas: string;
  /** Values that somebody set by hand: the edited code must hold each. */
  readonly live: readonly string[];
}

const PER_FILE = 20;
const PROVIDER = "registry.terraform.io/bench/bench";
const FORMS = ["literal", "local", "each"] as const;
type Form = (typeof FORMS)[number];

/** A third each of literals, locals and map entries behind `for_each`; drift is spread evenly over all. */
export const codifyFixture = (resources: number, drifted: number): CodifyFixture => {
  const all = Array.from({ length: resources }, (_, index) => index);
  const isDrifted = (index: number): boolean =>
    Math.floor((index * drifted) / resources) !== Math.floor(((index + 1) * drifted) / resources);
  const indexes = Map.groupBy(all, (index) => Math.floor(index / PER_FILE));
  return {
    files: new Map([...indexes].map(([file, own]) => [`part${file}.tf`, textOf(file, own)])),
    drifted: planText(all, isDrifted, false),
    settled: planText(all, isDrifted, true),
    schemas: schemaText(),
    live: all.filter(isDrifted).map((index) => `"live-${index}"`),
  };
};

const formOf = (file: number): Form => FORMS[file % FORMS.length] ?? "literal";

const textOf = (file: number, own: readonly number[]): string => {
  const form = formOf(file);
  if (form === "each") {
    const entries = own.map((index) => `    k${index} = { note = "note-${index}" } # entry ${index}`);
    return `locals {\n  set_${file} = {\n${entries.join("\n")}\n  }\n}\n\n${block(`set_${file}`, "each.value.note", [`for_each = local.set_${file}`, "name = each.key"])}`;
  }
  const locals = own.map((index) => `  note_${index} = "note-${index}"`).join("\n");
  const blocks = own.map((index) =>
    block(`r${index}`, form === "local" ? `local.note_${index}` : `"note-${index}"`, [`name = "k${index}"`]),
  );
  return `${form === "local" ? `locals {\n${locals}\n}\n\n` : ""}${blocks.join("\n")}`;
};

const block = (name: string, note: string, more: readonly string[]): string =>
  [
    `# What ${name} is for.`,
    `resource "bench_thing" "${name}" {`,
    ...more.map((line) => `  ${line}`),
    `  note = ${note}`,
    '  tags = { team = "core", cost = "42" }',
    "}",
    "",
  ].join("\n");

const addressOf = (index: number): string => {
  const file = Math.floor(index / PER_FILE);
  return formOf(file) === "each" ? `bench_thing.set_${file}["k${index}"]` : `bench_thing.r${index}`;
};

const planText = (
  all: readonly number[],
  isDrifted: (index: number) => boolean,
  isSettled: boolean,
): string =>
  JSON.stringify({
    format_version: "1.2",
    terraform_version: "1.11.4",
    complete: true,
    applyable: true,
    errored: false,
    variables: {},
    resource_drift: all
      .filter(isDrifted)
      .map((index) => entryOf(index, ["update"], `note-${index}`, `live-${index}`)),
    resource_changes: all.map((index) =>
      isDrifted(index)
        ? isSettled
          ? entryOf(index, ["no-op"], `live-${index}`, `live-${index}`)
          : entryOf(index, ["update"], `live-${index}`, `note-${index}`)
        : entryOf(index, ["no-op"], `note-${index}`, `note-${index}`),
    ),
    configuration: { root_module: {} },
  });

const entryOf = (index: number, actions: readonly string[], before: string, after: string) => {
  const [, name = "", key] = /^bench_thing\.(\w+)(?:\["(\w+)"\])?$/.exec(addressOf(index)) ?? [];
  const value = (note: string) => ({
    id: `id-${index}`,
    name: `k${index}`,
    note,
    tags: { team: "core", cost: "42" },
  });
  return {
    address: addressOf(index),
    mode: "managed",
    type: "bench_thing",
    name,
    ...(key === undefined ? {} : { index: key }),
    provider_name: PROVIDER,
    change: {
      actions,
      before: value(before),
      after: value(after),
      after_unknown: {},
      before_sensitive: {},
      after_sensitive: {},
    },
  };
};

const schemaText = (): string => {
  const attributes = {
    id: { type: "string", computed: true },
    name: { type: "string", required: true },
    note: { type: "string", optional: true },
    tags: { type: ["map", "string"], optional: true },
  };
  const resource_schemas = { bench_thing: { version: 0, block: { attributes } } };
  return JSON.stringify({ format_version: "1.0", provider_schemas: { [PROVIDER]: { resource_schemas } } });
};

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL holds templates of its own.

/** Draws one of these; the same stream of numbers gives the same program. */
export type Draw = <T>(items: readonly T[]) => T;
export type Files = Readonly<Record<string, string>>;

const WORDS = [
  "alpha",
  "beta-2",
  "c3",
  "Delta",
  "e.f",
  "10.0.0.1",
  "x y",
  "é🎉",
  'q"u',
  "$${m}",
  "%%{n}",
  "ω",
];
const PLAIN = ["alpha", "beta-2", "c3", "delta", "e.f"];
const KEYS = ["name", "size", "zone", "x-y"];

const TOP = 3;

/** A text, a number, a list of texts or a map of texts, as an author may come to write it: through what he reads. */
export const program = (draw: Draw): Files => {
  const author = createAuthor(draw);
  const kind = draw(["text", "text", "number", "list", "list", "map", "map"] as const);
  const x = author[kind](TOP);
  const wide = draw([true, false]) ? "\n" : "";
  const main = `# head\nresource "a" "b" {\n  before = 1 # kept\n  x = ${x}\n  after = "z" # tail\n}\n${wide}`;
  return { "main.tf": `${main}${author.rest()}`, ...author.files };
};

interface Author {
  text(depth: number): string;
  number(depth: number): string;
  list(depth: number): string;
  map(depth: number): string;
  /** Locals and variables that were referred to. */
  rest(): string;
  readonly files: Record<string, string>;
}

const createAuthor = (draw: Draw): Author => {
  const blocks: string[] = [];
  const files: Record<string, string> = {};
  let count = 0;
  const fresh = (prefix: string): string => {
    count += 1;
    return `${prefix}${count}`;
  };
  const local = (value: string): string => {
    const name = fresh("l");
    blocks.push(`locals {\n  # of ${name}\n  ${name} = ${value}\n}\n`);
    return `local.${name}`;
  };
  const variable = (type: string, value: string): string => {
    const name = fresh("v");
    blocks.push(`variable "${name}" {\n  type    = ${type} # of ${name}\n  default = ${value}\n}\n`);
    return `var.${name}`;
  };
  const file = (ending: string, text: string): string => {
    const path = `data/${fresh("f")}.${ending}`;
    files[path] = text;
    return `"\${path.module}/${path}"`;
  };
  const quote = (word: string): string => `"${word.replaceAll('"', '\\"')}"`;
  const word = (): string => quote(draw(WORDS));
  const plain = (): string => draw(PLAIN);
  const items = (most: number, make: () => string): string =>
    `[${Array.from({ length: draw([1, 2, 3].slice(0, most)) }, make).join(", ")}]`;
  const members = (make: () => string): string =>
    KEYS.filter(() => draw([true, false]))
      .map((key) => `${draw([key, `"${key}"`])} = ${make()}`)
      .join(", ");
  const object = (make: () => string): string => `{ ${members(make) || `zone = ${make()}`} }`;
  const pick = (depth: number, leaves: readonly (() => string)[], more: readonly (() => string)[]): string =>
    draw(depth <= 0 ? leaves : [...leaves, ...more, ...more])();

  const author: Author = {
    text: (depth) => {
      const inner = (): string => author.text(depth - 1);
      return pick(
        depth,
        [word, () => variable("string", quote(plain())), () => local(word())],
        [
          () => local(inner()),
          () => `(${inner()})`,
          () => `"p-\${${inner()}}"`,
          () => `"\${${inner()}}/${plain()}/\${${inner()}}"`,
          () => `"%{if ${draw(["true", "false"])}}${plain()}%{else}${plain()}%{endif}!"`,
          // Elsewhere its end would need a line of its own.
          () => (depth < TOP ? inner() : `<<-EOT\n    one ${plain()}\n    two \${${inner()}}\n  EOT`),
          () => `upper(${quote(plain())})`,
          () => `lower(${local(quote(plain()))})`,
          () => `trimspace(${inner()})`,
          () => `trimprefix("svc-${plain()}", "svc-")`,
          () => `replace(${quote(plain())}, "a", "o")`,
          () => `format("%s-%s", ${inner()}, ${inner()})`,
          () => `format("%02d", ${author.number(0)})`,
          () => `join(",", ${author.list(depth - 1)})`,
          () => `join("", [${inner()}, ${word()}])`,
          () => `element(${author.list(depth - 1)}, 0)`,
          () => `${local(author.list(depth - 1))}[0]`,
          () => `${draw(["true", "false"])} ? ${inner()} : ${inner()}`,
          () => `coalesce(null, ${inner()})`,
          () => `try(local.none.at.all, ${inner()})`,
          () => `lookup(${author.map(depth - 1)}, "zone", ${inner()})`,
          () => `${local(object(word))}${draw([".zone", '["zone"]'])}`,
          () => `tostring(${author.number(depth - 1)})`,
          () => `jsonencode({ a = ${inner()}, b = ${author.list(depth - 1)} })`,
          () => `yamlencode(${object(word)})`,
          () => `file(${file("txt", `${plain()}\nsecond ${plain()}\n`)})`,
          () => `templatefile(${file("tftpl", "one ${a}\ntwo ${b}!\n")}, { a = ${inner()}, b = ${word()} })`,
          () => `jsondecode(file(${file("json", `{\n  "k": "${plain()}",\n  "n": 1\n}\n`)})).k`,
          () => `yamldecode(file(${file("yaml", `k: ${plain()} # note\nn: 1\n`)}))["k"]`,
          () => `one([for i in ${author.list(depth - 1)} : i if i == "alpha"])`,
        ],
      );
    },
    number: (depth) =>
      pick(
        depth,
        [() => String(draw([1, 20, 3, -4])), () => variable("number", String(draw([5, 60])))],
        [
          () => local(author.number(depth - 1)),
          () => `${author.number(0)} * 2`,
          () => `${author.number(depth - 1)} + ${author.number(0)}`,
          () => `max(${author.number(depth - 1)}, ${author.number(0)})`,
          () => `min(${author.number(depth - 1)}, 30)`,
          () => `tonumber("${draw([7, 80])}")`,
          () => `length(${author.list(0)})`,
          () => `${draw(["true", "false"])} ? ${author.number(depth - 1)} : 9`,
        ],
      ),
    list: (depth) =>
      pick(
        depth,
        [
          () => items(3, word),
          () =>
            variable(
              "list(string)",
              items(3, () => quote(plain())),
            ),
        ],
        [
          () => local(author.list(depth - 1)),
          () => items(3, () => author.text(depth - 1)),
          () => `[\n    ${author.text(0)}, # first\n    ${author.text(0)},\n  ]`,
          () => `concat(${author.list(depth - 1)}, ${items(2, word)})`,
          () => `concat(${draw(["true", "false"])} ? ${items(2, word)} : [], ${author.list(depth - 1)})`,
          () => `[for i in ${author.list(depth - 1)} : i]`,
          () => `[for i in ${author.list(depth - 1)} : "n-\${i}"]`,
          () => `[for i in ${author.list(depth - 1)} : i if i != "c3"]`,
          () => `[for k, v in ${author.map(depth - 1)} : v]`,
          () => `[for o in ${local(items(3, () => `{ id = ${word()}, n = 1 }`))} : o.id]`,
          () => `${local(items(3, () => `{ id = ${word()} }`))}[*].id`,
          () => `values(${author.map(depth - 1)})`,
          () => `keys(${author.map(0)})`,
          () => `split(",", "${plain()},${plain()}")`,
          () => `compact([${word()}, ""])`,
          () => `distinct(${author.list(depth - 1)})`,
          () => `flatten([${author.list(depth - 1)}, [${word()}]])`,
          () => `sort(${author.list(depth - 1)})`,
          () => `reverse(${author.list(depth - 1)})`,
          () => `slice(${items(3, word)}, 0, 1)`,
          () => `formatlist("m/%s", ${author.list(depth - 1)})`,
          () => `coalescelist([], ${author.list(depth - 1)})`,
          () => `tolist(${author.list(depth - 1)})`,
        ],
      ),
    map: (depth) =>
      pick(
        depth,
        [
          () => object(word),
          () =>
            variable(
              "map(string)",
              object(() => quote(plain())),
            ),
        ],
        [
          () => local(author.map(depth - 1)),
          () => object(() => author.text(depth - 1)),
          () => `{\n    zone = ${author.text(0)} # of the zone\n    "size" = ${author.text(0)}\n  }`,
          () => `merge(${author.map(depth - 1)}, ${object(word)})`,
          () => `merge(${author.map(depth - 1)}, ${author.map(depth - 1)})`,
          () => `{ for k, v in ${author.map(depth - 1)} : k => v }`,
          () => `{ for k, v in ${author.map(depth - 1)} : upper(k) => v }`,
          () => `{ for k, v in ${author.map(depth - 1)} : k => "v-\${v}" if v != "c3" }`,
          () =>
            `{ for o in ${local(`[{ n = "one", v = ${word()} }, { n = "two", v = ${word()} }]`)} : o.n => o.v }`,
          () => `zipmap(["zone", "size"], [${word()}, ${word()}])`,
          () => `${draw(["true", "false"])} ? ${author.map(depth - 1)} : ${object(word)}`,
          () =>
            `jsondecode(file(${file("json", `{\n  "zone": "${plain()}",\n  "size": "${plain()}"\n}\n`)}))`,
          () => `yamldecode(file(${file("yaml", `zone: ${plain()} # note\nsize: ${plain()}\n`)}))`,
          () => `try(local.none.at.all, ${author.map(depth - 1)})`,
          () => `tomap(${author.map(depth - 1)})`,
        ],
      ),
    rest: () => blocks.join(""),
    files,
  };
  return author;
};

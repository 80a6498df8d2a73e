import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { SERVER_VARIABLES, VARIABLE_ALIASES } from "../../src/config/server-env.ts";
import { ROOT } from "../cli/world.ts";
import { pages, proseOf } from "./pages.ts";

const all = pages();

/** As GitHub makes it of a heading; the second of the same name gets `-1`. */
const anchorsOf = (text: string): ReadonlySet<string> => {
  const seen = new Map<string, number>();
  return new Set(
    [...text.matchAll(/^#{1,6} +(.*?) *#*$/gm)].map(([, heading = ""]) => {
      const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
      const anchor = plain.replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(/\s/g, "-");
      const before = seen.get(anchor) ?? 0;
      seen.set(anchor, before + 1);
      return before === 0 ? anchor : `${anchor}-${before}`;
    }),
  );
};

const linksOf = (text: string): readonly string[] => [
  ...[...text.replaceAll(/`[^`\n]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = ""]) => to),
  ...[...text.matchAll(/^\[[^\]]+\]: (\S+)$/gm)].map(([, to = ""]) => to),
];

test("links lead to files and headings that are there", () => {
  const broken = all.flatMap((page) =>
    linksOf(proseOf(page)).flatMap((link) => {
      if (/^[a-z]+:/.test(link)) return [];
      const [path = "", anchor] = link.split("#");
      const file = path === "" ? page.path : normalize(join(dirname(page.path), path));
      if (!existsSync(join(ROOT, file))) return [`${page.path}: ${link}`];
      if (anchor === undefined || statSync(join(ROOT, file)).isDirectory()) return [];
      const target = all.find((other) => other.path === file);
      const text = target ? proseOf(target) : readFileSync(join(ROOT, file), "utf8");
      return anchorsOf(text).has(anchor) ? [] : [`${page.path}: ${link}`];
    }),
  );
  expect(broken).toEqual([]);
});

test("every page is reached from the index", () => {
  const reached = new Set<string>();
  const follow = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    const page = all.find((one) => one.path === path);
    for (const link of page ? linksOf(proseOf(page)) : []) {
      const [file = ""] = link.split("#");
      if (file.endsWith(".md") && !/^[a-z]+:/.test(file)) follow(normalize(join(dirname(path), file)));
    }
  };
  follow("docs/README.md");
  const lost = all
    .map(({ path }) => path)
    .filter((path) => !reached.has(path) && !/^(README|CHANGELOG)/.test(path));
  expect(lost.filter((path) => !path.startsWith("docs/decisions/"))).toEqual([]);
});

test("files of the project that pages name are there, and so are variables", () => {
  const known = new Set([
    ...Object.keys(SERVER_VARIABLES),
    ...Object.keys(VARIABLE_ALIASES),
    ...OTHER_VARIABLES,
  ]);
  const gone = all
    .filter(({ path }) => path !== "CHANGELOG.md")
    .flatMap(({ path, text }) => [
      ...[...text.matchAll(/`((?:src|test|deploy|scripts|schemas|docs|demo|bench)\/[\w./-]+)`/g)]
        .map(([, file = ""]) => file)
        .filter((file) => !existsSync(join(ROOT, file)))
        .map((file) => `${path}: ${file}`),
      ...[...text.matchAll(/\bPLUMBLINE_[A-Z0-9_]+[A-Z0-9]\b/g)]
        .map(([name]) => name)
        .filter((name) => !known.has(name) && !known.has(name.replace(/_FILE$/, "")))
        .map((name) => `${path}: ${name}`),
    ]);
  expect(gone).toEqual([]);
});

/** Of the terminal, of commands that print credentials, and prefixes in tables. */
const OTHER_VARIABLES = [
  "PLUMBLINE_FLYWAY",
  "PLUMBLINE_LIQUIBASE",
  "PLUMBLINE_SERVER",
  "PLUMBLINE_TOKEN",
  "PLUMBLINE_WORKSPACE",
  "PLUMBLINE_RUN",
  "PLUMBLINE_PHASE",
  "PLUMBLINE_OIDC",
];

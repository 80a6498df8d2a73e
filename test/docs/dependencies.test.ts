import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { billOfMaterials, lockedPackages, nameOf } from "../../scripts/sbom-bill.ts";

const project = fileURLToPath(new URL("../../", import.meta.url));
const read = (file: string): string => readFileSync(`${project}${file}`, "utf8");
const wanted = JSON.parse(read("package.json")) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
};
const locked = lockedPackages(project);

/** `NAME LICENCE` of each row of the table under a heading. */
const rowsUnder = (heading: string): readonly string[] => {
  const [, section = ""] = read("docs/dependencies.md").split(`## ${heading}\n`);
  return [...(section.split("\n## ")[0] ?? "").matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]{4,}) \|$/gm)].map(
    ([, name, licence]) => `${name} ${licence}`,
  );
};
const licensed = (packages: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(packages).map(([name, version]) => `${name} ${locked.get(`${name}@${version}`)?.license}`);

describe("docs/dependencies.md", () => {
  test("has each package with its licence and a reason, and no other", () => {
    expect(rowsUnder("What the service runs")).toEqual(licensed(wanted.dependencies).toSorted());
    expect(rowsUnder("What only makes and tests it")).toEqual(licensed(wanted.devDependencies).toSorted());
  });

  test("each package is used", () => {
    const files = globSync(["{src,test,demo,bench,scripts,bin}/**/*.{ts,js}", "*.{ts,mjs,json}"], {
      cwd: project,
    });
    const code = files
      .filter((file) => !/^package/.test(file) && !file.startsWith("test/docs/"))
      .map(read)
      .join("\n");
    const isUsed = (name: string): boolean =>
      code.includes(`"${name}"`) ||
      code.includes(`"${name}/`) ||
      code.includes(`"npm:${name}`) ||
      BY_NAME[name]?.() === true;
    const all = Object.keys({ ...wanted.dependencies, ...wanted.devDependencies });
    expect(all.filter((name) => !isUsed(name))).toEqual([]);
  });

  test("versions are exact, and the lock holds a checksum of each package and no address", () => {
    const versions = Object.values({ ...wanted.dependencies, ...wanted.devDependencies });
    expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
    expect([...locked].filter(([, { integrity }]) => !integrity).map(([name]) => name)).toEqual([]);
    expect(read("package-lock.json")).not.toContain('"resolved"');
  });

  test("licences are those that we may pass on", () => {
    const free = [
      "MIT",
      "MIT-0",
      "Apache-2.0",
      "MIT OR Apache-2.0",
      "ISC",
      "BSD-2-Clause",
      "BSD-3-Clause",
      "0BSD",
      "BlueOak-1.0.0",
    ];
    const other = [...locked].filter(
      ([, { license = "", dev }]) => !free.includes(license) && !(dev && license === "MPL-2.0"),
    );
    expect(other).toEqual([]);
  });
});

/** What nobody imports: programs that scripts start, and types. */
const BY_NAME: Readonly<Record<string, () => boolean>> = {
  "@biomejs/biome": () => wanted.scripts["lint"]?.startsWith("biome") === true,
  "@types/node": () => read("tsconfig.json").includes('"types": ["node"]'),
  "@types/nodemailer": () => "nodemailer" in wanted.dependencies,
  "@types/pg": () => "pg" in wanted.dependencies,
  "@types/smtp-server": () => "smtp-server" in wanted.devDependencies,
  "dependency-cruiser": () => read("scripts/architecture.ts").includes("node_modules/dependency-cruiser/"),
  node: () => wanted.scripts["bench"]?.startsWith("node") === true,
  typescript: () => wanted.scripts["types"]?.startsWith("tsc") === true,
};

test("the bill of materials holds every package that the service runs, with checksum and licence", () => {
  const { bomFormat, components } = billOfMaterials(project);
  expect(bomFormat).toBe("CycloneDX");
  const runs = [...locked].filter(([, { dev }]) => !dev).map(([name]) => name);
  expect(components.map(nameOf).toSorted()).toEqual(runs.toSorted());
  expect(components.filter(({ hashes, licenses }) => !hashes?.length || !licenses?.length)).toEqual([]);
});

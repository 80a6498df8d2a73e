import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Component {
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes?: readonly object[];
  readonly licenses?: readonly object[];
}

/** CycloneDX, as far as it is looked at here. */
export interface Bill {
  readonly bomFormat: string;
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[];
}

export interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
}

/** Packages of the lock file by `NAME@VERSION`; those that only make and test the service have `dev`. */
export const lockedPackages = (project: string): ReadonlyMap<string, LockedPackage> => {
  const lock = JSON.parse(readFileSync(`${project}package-lock.json`, "utf8")) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  const packages = new Map<string, LockedPackage>();
  for (const [path, locked] of Object.entries(lock.packages)) {
    const key = `${path.replace(/^.*node_modules\//, "")}@${locked.version}`;
    // The same version may lie at two places, of which one is for tools alone.
    if (path !== "" && (!packages.has(key) || !locked.dev)) packages.set(key, locked);
  }
  return packages;
};

/**
 * What the service runs, from the lock file alone, by npm's own words. Its `--omit dev` leaves out what tools need too,
 * so everything is asked for and the tools are taken out here.
 */
export const billOfMaterials = (project: string): Bill => {
  const args = ["sbom", "--sbom-format", "cyclonedx", "--package-lock-only"];
  const text = execFileSync("npm", args, {
    cwd: project,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const bill = JSON.parse(text) as Bill;
  const packages = lockedPackages(project);
  const runs = (ref: string): boolean => packages.get(ref)?.dev !== true;
  return {
    ...bill,
    components: bill.components.filter((component) => runs(nameOf(component))),
    dependencies: bill.dependencies
      .filter(({ ref }) => runs(ref))
      .map(({ dependsOn = [], ...rest }) => ({ ...rest, dependsOn: dependsOn.filter(runs) })),
  };
};

/** `NAME@VERSION`. */
export const nameOf = ({ purl, version }: Component): string =>
  `${decodeURIComponent(purl.replace(/^pkg:npm\//, "").replace(/@[^@]*$/, ""))}@${version}`;

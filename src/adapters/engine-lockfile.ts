/** One provider of a `.terraform.lock.hcl`. */
export interface LockedProvider {
  /** `registry.terraform.io/hashicorp/aws` */
  readonly address: string;
  readonly version: string;
  readonly hashes: readonly string[];
}

const BLOCK = /^provider "(?<address>[^"]+)" \{\n(?<body>[\s\S]*?)^\}/gm;

/** Reads what the engines write; a block that looks otherwise is left out. */
export const lockedProviders = (text: string): ReadonlyMap<string, LockedProvider> =>
  new Map(
    [...text.matchAll(BLOCK)].flatMap(({ groups }) => {
      const body = groups?.["body"] ?? "";
      const version = /^\s*version\s*=\s*"([^"]+)"/m.exec(body)?.[1];
      const address = groups?.["address"];
      if (!address || !version) return [];
      const hashes = [...body.matchAll(/"((?:h1|zh):[^"]+)"/g)].map((match) => match[1] ?? "");
      return [[address, { address, version, hashes }] as const];
    }),
  );

/**
 * Cuts the entries that `init` added down to the one checksum of the package in use. What it adds depends on where
 * the package came from (a registry names all platforms, a cache only its own), and a plan's digest must not.
 */
export const withStableAdditions = (
  before: string,
  after: string,
  checksumOf: (provider: LockedProvider) => string | undefined,
): string => {
  const known = lockedProviders(before);
  const added = lockedProviders(after);
  return after.replace(BLOCK, (block: string, address: string) => {
    const provider = added.get(address);
    const checksum = provider && !known.has(address) ? checksumOf(provider) : undefined;
    if (!checksum) return block;
    return block.replace(/^( *)hashes *= *\[[^\]]*\]/m, `$1hashes = [\n$1  "${checksum}",\n$1]`);
  });
};

import type { ProofCopy } from "./prove-scratch.ts";

/** What the engines' formatter takes. */
const FORMATTED = /\.(tf|tofu|tfvars)$/;

/** Puts trial texts into the copy, and takes those of the trial before out again. */
export const createProofFiles = (copy: ProofCopy, reads: (text: string) => boolean) => {
  const originals = new Map<string, string>();
  const clean = new Set<string>();
  let written: readonly string[] = [];
  const learn = async (paths: readonly string[]): Promise<void> => {
    const unknown = paths.filter((path) => !originals.has(path));
    for (const path of unknown) originals.set(path, await copy.read(path));
    const hcl = unknown.filter((path) => FORMATTED.test(path));
    for (const path of hcl.length > 0 ? await copy.formatted(hcl) : []) clean.add(path);
  };
  return {
    /** The texts as they stand then: formatted where the file was. `broken`: those that the second parser lost. */
    write: async (
      files: ReadonlyMap<string, string>,
    ): Promise<{ readonly files: ReadonlyMap<string, string>; readonly broken: readonly string[] }> => {
      const back = written.filter((path) => !files.has(path));
      await copy.write(new Map(back.map((path) => [path, originals.get(path) ?? ""])));
      const paths = [...files.keys()];
      await learn(paths);
      await copy.write(files);
      written = paths;
      await copy.format(paths.filter((path) => clean.has(path)));
      const final = new Map<string, string>();
      for (const path of paths)
        final.set(path, withEndings(await copy.read(path), originals.get(path) ?? ""));
      await copy.write(final);
      // The second parser is slow, so the original is asked about only where the edit is not read.
      const broken = paths.filter(
        (path) =>
          !path.endsWith(".json") && !reads(final.get(path) ?? "") && reads(originals.get(path) ?? ""),
      );
      return { files: final, broken };
    },
  };
};

/** The formatter writes plain newlines; a file keeps its own. */
const withEndings = (text: string, before: string): string =>
  before.includes("\r\n") ? text.replaceAll(/\r?\n/g, "\r\n") : text;

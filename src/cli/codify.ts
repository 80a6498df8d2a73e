import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { loadCatalogue } from "../adapters/catalogue-files.ts";
import { secondOpinion } from "../adapters/hcl-second-opinion.ts";
import { loadHcl } from "../adapters/hcl-wasm.ts";
import { secretScanner } from "../adapters/secret-scanner.ts";
import { readImportWish } from "../codify/import-target.ts";
import { unifiedDiff } from "../codify/unified-diff.ts";
import { PlumblineError } from "../model/errors.ts";
import type { Codified } from "../run/codify.ts";
import { repositoryAround } from "../run/codify-code.ts";
import { codifyLocally } from "./codify-locally.ts";
import { renderCodified } from "./codify-text.ts";
import { type Call, EXIT, printJson, textOption, textsOption } from "./command.ts";
import { earlierFolder, pickEngine } from "./drift.ts";
import { localOthers } from "./local-others.ts";
import { localWorkspace } from "./local-workspace.ts";
import { writeEdits } from "./write-edits.ts";

/**
 * `plumbline codify [DIR] [--write]`: 0 where all drift is proven as code or there is none, 2 otherwise. With
 * `--import ADDRESS=ID` live things without code instead of drift.
 */
export const codify = async (call: Call): Promise<number> => {
  const [given = "."] = call.args;
  const imports = textsOption(call, "import").map(readImportWish);
  const lastApplied = textOption(call, "last-applied") ?? null;
  if (imports.length > 0 && lastApplied !== null)
    throw new PlumblineError(
      "wrong-arguments",
      "--import takes what is live now: --last-applied says nothing to it.",
    );
  const engine = await pickEngine(call);
  const workspace = await localWorkspace(
    resolve(call.cwd, given),
    call.env["TF_WORKSPACE"],
    call.env["TF_DATA_DIR"],
  );
  const dir = await realpath(workspace.dir);
  const repoRoot = await repositoryAround(dir);
  const scratch = await mkdtemp(join(await realpath(tmpdir()), "plumbline-"));
  try {
    const parse = await loadHcl();
    const signal = call.stopSignal();
    const codified = await codifyLocally({
      engine,
      catalogue: await loadCatalogue(),
      parse,
      others: await localOthers({ repoRoot, dir, name: workspace.name, engine, parse, signal }),
      reads: secondOpinion(),
      scanner: secretScanner(),
      workspace: { ...workspace, dir },
      repoRoot,
      varFiles: textsOption(call, "var-file").map((file) => resolve(call.cwd, file)),
      imports,
      lastApplied,
      earlier: earlierFolder,
      scratch,
      signal,
      progress: (line) => call.err(`${engine.version.distribution} ${line} ...\n`),
    });
    if (call.options["write"] === true) await writeEdits(repoRoot, codified.files, codified.before);
    tell(call, codified, (path) => relative(dir, join(repoRoot, path)));
    return codified.result === "proven" || codified.result === "clean" ? EXIT.done : EXIT.somethingToSay;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

/** Files are named from the given folder, so that the diff applies there. */
const tell = (call: Call, codified: Codified, fromDir: (path: string) => string): void => {
  const { result, refused, files, before, remaining, shared } = codified;
  const diff = Object.entries(files)
    .map(([path, text]) => unifiedDiff(fromDir(path), before[path] ?? "", text))
    .join("");
  const edits = codified.edits.map(({ file, address, path }) => ({ file: fromDir(file), address, path }));
  if (call.json) printJson(call, { result, edits, refused, diff, remaining, shared });
  else
    call.out(
      renderCodified(
        { result, edits, refused, diff, remaining, shared },
        { colours: call.colours, written: call.options["write"] === true },
      ),
    );
};

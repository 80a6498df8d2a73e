import type { ModuleFacts } from "../hcl/facts.ts";
import type { CodeTree } from "./code-tree.ts";
import type { DiscoveredRoot } from "./merge.ts";
import { baseName, joinPath } from "./paths.ts";
import { isLocal } from "./trace.ts";

/**
 * The root modules of a repository, found without configuration, sorted by folder:
 *
 * - A folder with a `backend` or `cloud` block is one, wherever it lies, except below folders that only show or test
 *   (`examples`, `fixtures`, `testdata`, hidden ones, `vendor`, `node_modules`).
 * - Any other folder is one when it holds resources, data or module calls and nothing says that it is a module: no
 *   other folder of the repository calls it, it does not lie below `modules`, `wrappers` or `tests`, and it can run as it is: it
 *   has a `provider` block, a lock file or a file of variables, or none of its variables needs a value.
 */
export const discoverRoots = (code: CodeTree): readonly DiscoveredRoot[] => {
  const candidates = code.folders.filter((dir) => !hasStep(dir, NEVER));
  const called = calledFolders(code);
  return candidates
    .filter((dir) => {
      const facts = code.facts(dir);
      if (facts.backend) return true;
      return (
        !called.has(dir) && !hasStep(dir, MODULES) && holdsSomething(facts) && runsAlone(code, dir, facts)
      );
    })
    .map((dir) => ({ dir }));
};

const NEVER = /^(\.[^.].*|examples?|fixtures?|testdata|test-fixtures|vendor|node_modules)$/;
const MODULES = /^(_?modules?|wrappers|tests?|__tests__)$/;

const hasStep = (dir: string, pattern: RegExp): boolean => dir.split("/").some((step) => pattern.test(step));

/** Folders that some module of the repository calls, those of examples and tests too. */
const calledFolders = (code: CodeTree): ReadonlySet<string> => {
  const called = new Set<string>();
  for (const dir of code.folders) {
    for (const { source } of code.facts(dir).calls) {
      const target = source !== null && isLocal(source) ? code.real(joinPath(dir, source)) : undefined;
      if (target !== undefined && target !== dir) called.add(target);
    }
  }
  return called;
};

const holdsSomething = ({ resources, calls }: ModuleFacts): boolean => resources.length + calls.length > 0;

const runsAlone = (code: CodeTree, dir: string, facts: ModuleFacts): boolean =>
  facts.providers.length > 0 ||
  code
    .names(dir)
    .some((name) => baseName(name) === ".terraform.lock.hcl" || /\.tfvars(\.json)?$/.test(name)) ||
  !facts.variables.some(({ required }) => required);

import { asPlumblineError } from "../model/errors.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { PolicyTestReport } from "../model/policy.ts";
import type { PullRef, PullRequest } from "../model/pull.ts";
import { filesAt, isPolicyFile, setsFor } from "./policy-sets.ts";
import type { World } from "./world.ts";

const keyOf = ({ repo, number }: PullRef): string => `policy-tests:${repo}#${number}`;

/** Runs the unit tests of every policy folder that a pull request changes, as it will be after the merge, and keeps what they say. */
export const testChangedPolicies = async (
  world: World,
  pull: PullRequest,
  commits: { readonly base: string; readonly commit: string },
): Promise<void> => {
  const folders = foldersOf(world, pull.repo);
  if (folders.length === 0) return;
  const changed = await world.git.changedFiles(pull.repo, commits.base, commits.commit);
  const touched = folders.filter((folder) => changed.some((path) => isPolicyFile(path, folder)));
  const reports: PolicyTestReport[] = [];
  for (const folder of touched) reports.push(await testFolder(world, pull.repo, commits.commit, folder));
  await world.ledger.meta.set(keyOf(pull), { head: pull.head.sha, reports: reports as unknown as Json });
};

/** What the tests said for this head. */
export const policyTestsOf = async (
  world: Pick<World, "ledger">,
  pull: PullRef,
  head: string,
): Promise<readonly PolicyTestReport[]> => {
  const kept = await world.ledger.meta.get(keyOf(pull));
  if (!isJsonObject(kept) || kept["head"] !== head || !Array.isArray(kept["reports"])) return [];
  return kept["reports"] as unknown as readonly PolicyTestReport[];
};

/** Folders of this repository that some set is read from, for itself or for others. */
const foldersOf = (world: World, repo: string): readonly string[] => {
  const own = setsFor(world, repo).flatMap(({ source }) =>
    source.kind === "workspace" ? [source.folder] : [],
  );
  const shared = (world.server.policies?.sets ?? []).flatMap(({ source }) =>
    source.kind === "repository" && source.repo.toLowerCase() === repo.toLowerCase() ? [source.folder] : [],
  );
  return [...new Set([...own, ...shared])];
};

const testFolder = async (
  world: World,
  repo: string,
  commit: string,
  folder: string,
): Promise<PolicyTestReport> => {
  try {
    const files = await filesAt(world, repo, commit, folder);
    const tests = await world.policies?.engine.verify({ files }, {}, async (path) => {
      const place = folder === "." ? path : `${folder}/${path}`;
      if (path.startsWith("../")) return null;
      const bytes = (await world.git.readFiles(repo, commit, [place])).get(place);
      return bytes ? new TextDecoder().decode(bytes) : null;
    });
    if (!tests) throw new Error("Policy sets are configured, and there is nobody to test them.");
    return { folder, passed: tests.passed, failed: tests.failed, error: null };
  } catch (thrown) {
    const { message } = asPlumblineError(thrown);
    return { folder, passed: 0, failed: [], error: world.redactor.redact(message) };
  }
};

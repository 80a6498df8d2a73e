import { claimBlocks } from "../config/claim-blocks.ts";
import { METADATA_FILE } from "../config/stateful-change.ts";
import { codeOwners } from "../gate/codeowners.ts";
import { isModuleFile } from "../hcl/module.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { PullRef, PullRequest } from "../model/pull.ts";
import { NO_CONTEXT, type ResourceContext } from "../model/resource-context.ts";
import type { FileFinding, Rollout } from "../model/stateful-change.ts";
import { findingsByContext } from "../risk/context-judgement.ts";
import { classifyFiles, isJudged } from "../risk/files.ts";
import { isSqlFile } from "../risk/migration-sql.ts";
import { guardFindings } from "../risk/prevent-destroy.ts";
import { rolloutOf } from "../risk/rollout.ts";
import { codeownersAt, protectedRules } from "./protected-rules.ts";
import { resourceContext } from "./resource-context.ts";
import { sha256 } from "./sha256.ts";
import type { World } from "./world.ts";

/** What a pull request's files beside the Terraform code say; kept with the head that it was read from. */
export interface PullFiles {
  readonly head: string;
  /** Tip of the deploy branch that it was compared with: its rules count. */
  readonly base: string;
  readonly findings: readonly FileFinding[];
  readonly metadata: readonly { readonly path: string; readonly text: string }[];
  /** SHA-256 of each migration in SQL that it brings or changes; absent in what older versions kept. */
  readonly checksums?: readonly { readonly path: string; readonly sha256: string }[];
  /** What they say of applications and of who migrates; absent in what older versions kept. */
  readonly rollout?: Rollout;
  /** Owners of the changed files by CODEOWNERS. */
  readonly owners: readonly string[];
}

type Reading = Pick<World, "git" | "lintSql" | "parseHcl" | "catalogue" | "contextSource" | "redactor">;

// Reading more would hold everything else up; what is not read counts.
const MOST_FILES = 2_000;

/** Compares the files of a pull request as they are on the deploy branch and as they will be. */
export const readPullFiles = async (
  world: Reading,
  repo: string,
  commits: { readonly head: string; readonly base: string; readonly merged: string },
): Promise<PullFiles> => {
  const changed = await world.git.changedFiles(repo, commits.base, commits.merged);
  const judged = changed.filter(isJudged);
  const modules = changed.filter(isModuleFile);
  const wanted = [
    ...judged.slice(0, MOST_FILES),
    ...modules.slice(0, MOST_FILES),
    ...changed.filter(isMetadata),
  ];
  const [before, after] = await Promise.all([
    world.git.readFiles(repo, commits.base, wanted),
    world.git.readFiles(repo, commits.merged, wanted),
  ]);
  const text = (files: ReadonlyMap<string, Uint8Array>, path: string): string | null => {
    const bytes = files.get(path);
    return bytes ? new TextDecoder().decode(bytes) : null;
  };
  const pairs = wanted.map((path) => ({ path, before: text(before, path), after: text(after, path) }));
  const codeowners = await codeownersAt(world, repo, commits.base);
  const told = classifyFiles(pairs, world.lintSql ? { lintSql: world.lintSql } : {}).filter(
    (one) => one.class > "R0",
  );
  const context = told.length > 0 ? await tablesContext(world, repo, commits.base) : NO_CONTEXT;
  return {
    head: commits.head,
    base: commits.base,
    findings: [
      ...findingsByContext(told, context),
      ...guardFindings(pairs, world.parseHcl),
      ...[judged, modules].filter(({ length }) => length > MOST_FILES).map(({ length }) => tooMany(length)),
    ],
    metadata: pairs.flatMap(({ path, after: now }) =>
      now !== null && isMetadata(path) ? [{ path, text: now }] : [],
    ),
    checksums: pairs.flatMap(({ path, after: now }) =>
      now !== null && isSqlFile(path) ? [{ path, sha256: sha256(now) }] : [],
    ),
    rollout: rolloutOf(pairs, told, context),
    owners: codeowners === null ? [] : codeOwners(codeowners, changed),
  };
};

/** What the tables hold that migrations change. A configuration that is not in order stops every plan, and says so. */
const tablesContext = async (world: Reading, repo: string, base: string): Promise<ResourceContext> => {
  const rules = await protectedRules(world, repo, base).catch(() => ({}));
  return resourceContext(world, { repo, base, rules, workspace: null, plan: null });
};

const isMetadata = (path: string): boolean => path === METADATA_FILE || path.endsWith(`/${METADATA_FILE}`);

const tooMany = (count: number): FileFinding => ({
  path: "",
  subject: `${count} files`,
  rule: "too-many-files",
  class: "R3",
  message: `More than ${MOST_FILES} files may touch durable state: not all of them were looked at.`,
  wayOut: "Split the pull request.",
});

const filesKey = ({ repo, number }: PullRef): string => `stateful:${repo}#${number}`;
const claimKey = ({ repo, number }: PullRef): string => `claim:${repo}#${number}`;

export const keepPullFiles = (world: Pick<World, "ledger">, pull: PullRef, files: PullFiles): Promise<void> =>
  world.ledger.meta.set(filesKey(pull), JSON.parse(JSON.stringify(files)) as Json);

/** As kept when the head was assessed; null where that was another head, or never. */
export const keptPullFiles = async (
  world: Pick<World, "ledger">,
  pull: PullRef,
  head: string,
): Promise<PullFiles | null> => {
  const kept = await world.ledger.meta.get(filesKey(pull));
  return isJsonObject(kept) && kept["head"] === head ? (kept as unknown as PullFiles) : null;
};

/** The author's word as it stands in the description, and since when it has stood there so. */
export interface ClaimSeen {
  readonly since: Date;
  /** It differs from what was seen before. */
  readonly changed: boolean;
}

/** Approvals count for the word that they saw: each edit of it is remembered with its time. */
export const seeClaim = async (
  world: Pick<World, "ledger" | "clock">,
  pull: PullRequest,
): Promise<ClaimSeen> => {
  const hash = sha256(JSON.stringify(claimBlocks(pull.body)));
  const known = await world.ledger.meta.get(claimKey(pull));
  if (isJsonObject(known) && known["hash"] === hash)
    return { since: new Date(String(known["since"])), changed: false };
  const since = world.clock.now();
  await world.ledger.meta.set(claimKey(pull), { hash, since: since.toISOString() });
  return { since, changed: known !== undefined };
};

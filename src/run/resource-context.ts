import { readResourceContext } from "../config/resource-context.ts";
import type { ConfigProblem, Parsed } from "../model/config.ts";
import { asPlumblineError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import {
  type ContextEntry,
  isCovered,
  NO_CONTEXT,
  type ResourceContext,
  SENSITIVE_DATA,
} from "../model/resource-context.ts";
import { isMarkedAt, valueAt } from "../model/value-diff.ts";
import type { ContextQuestion } from "../ports/context-source.ts";
import type { ProtectedRules } from "./protected-rules.ts";
import type { World } from "./world.ts";

interface Wish {
  readonly repo: string;
  /** Commit of the protected branch whose files count. */
  readonly base: string;
  readonly rules: Pick<ProtectedRules, "resourceContext">;
  readonly workspace: { readonly key: string; readonly dir: string; readonly name: string } | null;
  readonly plan: Plan | null;
}

/**
 * What is known of the resources of a plan, or of a pull request's files: from files of the protected branch and from
 * the operator's command. Where either cannot be read that is the context's `problem`, and nothing is thrown.
 */
export const resourceContext = async (
  world: Pick<World, "git" | "contextSource" | "redactor">,
  wish: Wish,
): Promise<ResourceContext> => {
  const configured = wish.rules.resourceContext;
  if (!configured && !world.contextSource) return NO_CONTEXT;
  const read = [...(await fromFiles(world, wish)), ...(await fromCommand(world, wish))];
  const problems = read.flatMap((one) => (one.ok ? [] : one.problems));
  return {
    entries: read.flatMap((one) => (one.ok ? one.value : [])).filter((entry) => isMeant(entry, wish)),
    sensitive: configured?.sensitive ?? SENSITIVE_DATA,
    problem: problems.length === 0 ? null : world.redactor.redact(problems.map(problemText).join(" ")),
  };
};

type Read = Parsed<readonly ContextEntry[]>;

const problemText = ({ path, message }: ConfigProblem): string =>
  path === "" ? message : `${path}: ${message}`;

const fromFiles = async (
  world: Pick<World, "git">,
  { repo, base, rules }: Wish,
): Promise<readonly Read[]> => {
  const paths = rules.resourceContext?.files ?? [];
  if (paths.length === 0) return [];
  const files = await world.git.readFiles(repo, base, paths);
  return paths.map((path): Read => {
    const bytes = files.get(path);
    if (!bytes)
      return { ok: false, problems: [{ path, message: "There is no such file on the protected branch." }] };
    return readResourceContext(new TextDecoder().decode(bytes), path);
  });
};

const fromCommand = async (
  { contextSource }: Pick<World, "contextSource">,
  wish: Wish,
): Promise<readonly Read[]> => {
  if (!contextSource) return [];
  try {
    return [readResourceContext(await contextSource.ask(questionOf(wish)), "command")];
  } catch (failure) {
    return [{ ok: false, problems: [{ path: "", message: asPlumblineError(failure).message }] }];
  }
};

const questionOf = ({ repo, workspace, plan }: Wish): ContextQuestion => ({
  version: 1,
  repo,
  workspace: workspace?.key ?? null,
  resources: (plan?.changes ?? [])
    .filter(({ mode, action }) => mode === "managed" && action !== "no-op")
    .map(({ address, type, action, before, beforeSensitive }) => {
      const id = isMarkedAt(beforeSensitive, ["id"]) ? null : valueAt(before, ["id"]);
      return { address, type, action, id: typeof id === "string" ? id : null };
    }),
});

const isMeant = ({ workspaces }: ContextEntry, { workspace }: Wish): boolean =>
  workspaces.length === 0 ||
  workspace === null ||
  workspaces.some(
    (one) => isCovered(one, workspace.dir) || isCovered(one, `${workspace.dir}#${workspace.name}`),
  );

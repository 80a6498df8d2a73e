import { z } from "zod";
import type { Evidence } from "../../config/evidence-schema.ts";
import { coversWorkspace } from "../../gate/access.ts";
import { PlumblineError } from "../../model/errors.ts";
import type { FreezeSwitch } from "../../model/governance.ts";
import { waysOutOfHalfWay } from "../../model/half-way.ts";
import { HALF_WAY } from "../../model/migration.ts";
import { weeksBefore } from "../../model/numbers.ts";
import type { PullRef } from "../../model/pull.ts";
import type { WorkspaceDetail } from "../../model/reading.ts";
import type { EvidenceCopy } from "../../ports/evidence-copy.ts";
import {
  auditDocument,
  CAUSE,
  CHANGE_CLASS,
  channelDocument,
  evidenceCopyDocument,
  evidenceDocument,
  findingDocument,
  freezeDocument,
  lockDocument,
  overviewDocument,
  pageDocument,
  policySetDocument,
  queueDocument,
  RUN_KIND,
  RUN_STATE,
  runDetailDocument,
  runDocument,
  SYNC,
  settingDocument,
  workspaceDetailDocument,
} from "./documents.ts";
import { BACKFILL_STATE, backfillDocument } from "./documents-backfill.ts";
import { logDocument, logFoundDocument } from "./log-documents.ts";
import { searchLog } from "./log-search.ts";
import { numbersDocument } from "./numbers-document.ts";
import type { AskWorld, Operation } from "./operation.ts";
import type { WorkspaceAnswer } from "./workspace-answer.ts";

const list = <Item extends z.ZodType>(item: Item) =>
  z.preprocess((value) => (typeof value === "string" ? value.split(",") : value), z.array(item)).optional();
const text = z.string().max(500).optional();
const page = {
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: text.describe("`next` of the part before"),
};
const none = z.object({});

/** Evidence is asked for by its workspace too. */
const workspaceOfRun = async ({ read }: AskWorld, id: string): Promise<string> =>
  (await read.run(id))?.workspace ?? id;

const given = <T>(thing: T | null, what: string): T => {
  if (thing === null) throw new PlumblineError("not-found", `There is no ${what}.`);
  return thing;
};

const operation = <Query extends z.ZodObject, Answer extends z.ZodType>(
  one: Operation<Query, Answer>,
): Operation => one as unknown as Operation;

export const pullOf = (value: string | undefined): PullRef | undefined => {
  if (value === undefined) return undefined;
  const [, repo, number] = /^(.+)#(\d{1,9})$/.exec(value) ?? [];
  if (!repo || !number) throw new PlumblineError("wrong-arguments", "A pull request is OWNER/REPO#NUMBER.");
  return { repo, number: Number(number) };
};

/** What may be commented where a migration failed half-way. */
const withWaysOut = (one: WorkspaceDetail, trigger = "plumbline"): WorkspaceAnswer => ({
  ...one,
  waysOut: one.frozen?.why === HALF_WAY ? waysOutOfHalfWay(trigger, one) : [],
});

/** Every question of the API. The terminal asks the same. */
export const OPERATIONS: readonly Operation[] = [
  operation({
    ...{ name: "workspaces", path: "/workspaces", role: "viewer", reach: "scope" },
    about: "Workspaces with how they stand, worst first.",
    query: z.object({
      ...page,
      repo: text,
      owner: text,
      search: text,
      sync: list(SYNC),
      class: list(CHANGE_CLASS).describe("of the newest plan or apply that was judged"),
      locked: z
        .enum(["true", "false"])
        .optional()
        .transform((value) => (value === undefined ? undefined : value === "true")),
    }),
    answer: overviewDocument,
    ask: ({ read, visible }, { id: _, class: classes, ...wish }) =>
      read.workspaces(defined({ ...wish, classes, visible })),
  }),
  operation({
    ...{ name: "workspace", path: "/workspaces/{id}", role: "viewer", reach: "one" },
    about: "One workspace with open findings, last runs and its queue. The key is URL-encoded.",
    query: none,
    answer: workspaceDetailDocument,
    ask: async ({ read, now, trigger }, { id }) =>
      withWaysOut(given(await read.workspace(id, now()), `workspace ${id}`), trigger),
    workspaceOf: ({ key }: { readonly key: string }) => key,
  }),
  operation({
    ...{ name: "runs", path: "/runs", role: "viewer", reach: "scope" },
    about: "Runs, newest first.",
    query: z.object({
      ...page,
      workspace: text,
      kind: RUN_KIND.optional(),
      state: list(RUN_STATE),
      pull: text.describe("OWNER/REPO#NUMBER"),
    }),
    answer: pageDocument(runDocument),
    ask: ({ read, visible }, { id: _, state, pull, ...wish }) =>
      read.runs(defined({ ...wish, states: state, visible, pull: pullOf(pull) })),
  }),
  operation({
    ...{ name: "run", path: "/runs/{id}", role: "viewer", reach: "one" },
    about: "One run with its steps, plan and result.",
    query: none,
    answer: runDetailDocument,
    ask: async ({ read }, { id }) => given(await read.run(id), `run ${id}`),
    workspaceOf: ({ workspace }: { readonly workspace: string }) => workspace,
  }),
  operation({
    ...{ name: "run-log", path: "/runs/{id}/log", role: "viewer", reach: "one" },
    about: "A part of the log of a run, redacted, of one that goes on too: at most 1 MiB of whole lines.",
    query: z.object({
      from: z.coerce.number().int().min(0).optional().describe("`next` of the part before"),
      tail: z.coerce
        .number()
        .int()
        .min(0)
        .optional()
        .describe("so many bytes before the end, from a line on"),
      before: z.coerce.number().int().min(0).optional().describe("the part that ends at this byte"),
      most: z.coerce.number().int().min(1).optional().describe("no more bytes than these"),
    }),
    answer: logDocument,
    ask: async ({ read, log }, { id, ...place }) => {
      const { workspace } = given(await read.run(id), `run ${id}`);
      return { run: id, workspace, ...given(await log(id, place), `log of ${id}`) };
    },
    workspaceOf: ({ workspace }: { readonly workspace: string }) => workspace,
  }),
  operation({
    ...{ name: "run-log-search", path: "/runs/{id}/log/search", role: "viewer", reach: "one" },
    about:
      "Lines of the whole log of a run that hold a text, whatever its case: at most 100 of them, of 64 MiB.",
    query: z.object({
      q: z.string().min(1).max(200),
      cursor: text.describe("`next` of the part before"),
    }),
    answer: logFoundDocument,
    workspaceNamed: workspaceOfRun,
    ask: async ({ read, log }, { id, q, cursor }) => {
      const { workspace } = given(await read.run(id), `run ${id}`);
      const found = await searchLog((wish) => log(id, wish), q, cursor);
      return { run: id, workspace, ...given(found, `log of ${id}`) };
    },
    workspaceOf: ({ workspace }: { readonly workspace: string }) => workspace,
  }),
  operation({
    ...{ name: "findings", path: "/findings", role: "viewer", reach: "scope" },
    about: "What differs, newest first.",
    query: z.object({
      ...page,
      workspace: text,
      owner: text,
      search: text,
      told: text.describe("Only what one alert told of, as its link says"),
      cause: list(CAUSE),
      state: z.enum(["open", "ended", "all"]).default("open"),
    }),
    answer: pageDocument(findingDocument),
    ask: ({ read, visible }, { id: _, cause, ...wish }) =>
      read.findings(defined({ ...wish, causes: cause, visible })),
  }),
  operation({
    ...{ name: "finding", path: "/findings/{id}", role: "viewer", reach: "one" },
    about: "One finding.",
    query: none,
    answer: findingDocument,
    ask: async ({ read }, { id }) =>
      given(/^\d{1,15}$/.test(id) ? await read.finding(Number(id)) : null, `finding ${id}`),
    workspaceOf: ({ workspace }: { readonly workspace: string }) => workspace,
  }),
  operation({
    ...{ name: "locks", path: "/locks", role: "viewer", reach: "scope" },
    about: "Which pull request holds which workspace, and who waits.",
    query: z.object(page),
    answer: pageDocument(lockDocument),
    ask: ({ read, visible }, { id: _, ...wish }) => read.locks(defined({ ...wish, visible })),
  }),
  operation({
    ...{ name: "queue", path: "/queue", role: "viewer", reach: "scope" },
    about: "Work that waits or is being done.",
    query: none,
    answer: queueDocument,
    ask: ({ read, visible }) => read.queue({ visible }),
  }),
  operation({
    ...{ name: "audit", path: "/audit", role: "viewer", reach: "scope" },
    about: "Who did what, newest first.",
    query: z.object({ ...page, subject: text, actor: text, action: text }),
    answer: pageDocument(auditDocument),
    ask: ({ read, visible }, { id: _, ...wish }) => read.audit(defined({ ...wish, visible })),
  }),
  operation({
    ...{ name: "evidence", path: "/evidence", role: "viewer", reach: "scope" },
    about: "Applies of which evidence is kept, newest first.",
    query: z.object({ ...page, workspace: text }),
    answer: pageDocument(evidenceDocument),
    ask: ({ read, visible }, { id: _, ...wish }) => read.evidence(defined({ ...wish, visible })),
  }),
  operation({
    ...{ name: "evidence-bundle", path: "/evidence/{id}", role: "viewer", reach: "one" },
    about: "The evidence of a run, as `plumbline evidence export` gives it out. Who asks enters the audit.",
    query: none,
    answer: evidenceCopyDocument,
    workspaceNamed: workspaceOfRun,
    ask: async ({ evidence }, { id }) => given(await evidence(id), `evidence-bundle ${id}`),
    workspaceOf: ({ audit }: EvidenceCopy<Evidence>) => audit[0]?.subject ?? "",
    given: ({ evidenceGiven }, by, copy: EvidenceCopy<Evidence>) => evidenceGiven(by, copy),
  }),
  operation({
    ...{ name: "policies", path: "/policies", role: "viewer", reach: "scope" },
    about: "Policy sets with their rules, and what each rule said at the last looks.",
    query: none,
    answer: z.object({ items: z.array(policySetDocument) }),
    ask: async ({ policies, visible }) => ({ items: await policies(visible) }),
  }),
  operation({
    ...{ name: "freezes", path: "/freeze", role: "viewer", reach: "scope" },
    about: "Switches that stop applies: of everything, and of single workspaces.",
    query: none,
    answer: z.object({ items: z.array(freezeDocument) }),
    ask: async ({ freezes, visible }) => ({ items: visibleSwitches(await freezes(), visible) }),
  }),
  operation({
    ...{ name: "backfills", path: "/backfills", role: "viewer", reach: "scope" },
    about: "Changes of data in batches, unfinished ones first: how far, how fast, and what was left out.",
    query: z.object({ workspace: text, state: list(BACKFILL_STATE) }),
    answer: z.object({ items: z.array(backfillDocument) }),
    ask: async ({ read, visible }, { id: _, state, ...wish }) => ({
      items: await read.backfills(defined({ ...wish, states: state, visible })),
    }),
  }),
  operation({
    ...{ name: "channels", path: "/alerts/channels", role: "viewer", reach: "scope" },
    about: "Alert channels with how each fares.",
    query: none,
    answer: z.object({ items: z.array(channelDocument) }),
    ask: async ({ channels }) => ({ items: await channels() }),
  }),
  operation({
    ...{ name: "numbers", path: "/numbers", role: "viewer", reach: "scope" },
    about:
      "Numbers that matter of the last whole weeks and the one that goes on: drift, who changes things by hand, runs.",
    query: z.object({ weeks: z.coerce.number().int().min(1).max(53).default(12) }),
    answer: numbersDocument,
    ask: ({ read, visible, now }, { weeks }) => {
      const to = now();
      return read.numbers({ visible, from: weeksBefore(to, weeks), now: to });
    },
  }),
  operation({
    ...{ name: "settings", path: "/settings", role: "operator", reach: "all" },
    about: "Settings in force and where each comes from; secrets are not told.",
    query: none,
    answer: z.object({ items: z.array(settingDocument) }),
    ask: async ({ settings }) => ({ items: settings }),
  }),
];

const visibleSwitches = (
  switches: readonly FreezeSwitch[] | null,
  visible: readonly string[],
): readonly FreezeSwitch[] => {
  if (switches === null)
    throw new PlumblineError("config-invalid", "The freeze switch cannot be read: everything is frozen.");
  return switches.filter(
    ({ target }) => target === "*" || visible.some((pattern) => coversWorkspace(pattern, target)),
  );
};

/** Without the members that nobody gave. */
const defined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Defined<T>;
type Defined<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

import type { Command } from "./command.ts";

/** Options of every command that reads the service's records. */
export const RECORDS_OPTIONS = {
  data: { type: "text", value: "DIR", about: "the data folder of a service with an embedded database" },
  config: { type: "text", value: "FILE", about: "the server's configuration" },
} as const satisfies Command["options"];

/** Options of what operators ask: of a running service, else of its records. */
const ASK_OPTIONS = {
  server: { type: "text", value: "URL", about: "ask this service; PLUMBLINE_SERVER where left out" },
  "token-file": { type: "text", value: "FILE", about: "where its API token stands; else PLUMBLINE_TOKEN" },
  ...RECORDS_OPTIONS,
} as const satisfies Command["options"];
const LIMIT = {
  limit: { type: "text", value: "N", about: "at most so many, 500 at the most; 50 where left out" },
  cursor: { type: "text", value: "NEXT", about: "go on where another list ended" },
} as const satisfies Command["options"];
const BY = {
  by: { type: "text", value: "NAME", about: "who; the user of this machine where left out" },
} as const satisfies Command["options"];

/** What operators look at and mark. They come before `drift [DIR]`, whose first words some of them have. */
export const OPERATOR_COMMANDS: readonly Command[] = [
  {
    words: ["status"],
    argsUsage: "[SEARCH]",
    argsCount: [0, 1],
    about: "list workspaces, worst first: drift, lock, class, last run, owner",
    options: {
      ...ASK_OPTIONS,
      ...LIMIT,
      repo: { type: "text", value: "OWNER/REPO", about: "only of this repository" },
      owner: { type: "text", value: "NAME", about: "only of this owner" },
      sync: {
        type: "text",
        value: "STATES",
        about: "only doubt, failed, drifted, unapplied, unknown or synced; several with commas",
      },
    },
    load: async () => (await import("./status.ts")).status,
  },
  {
    words: ["show"],
    argsUsage: "RUN|WORKSPACE",
    argsCount: [1, 1],
    about: "show one run with its steps, or one workspace with its drift and queue",
    options: ASK_OPTIONS,
    load: async () => (await import("./show.ts")).show,
  },
  {
    words: ["logs"],
    argsUsage: "RUN",
    argsCount: [1, 1],
    about: "print the log of a run, of one that goes on too",
    options: {
      ...ASK_OPTIONS,
      follow: { type: "switch", short: "f", about: "go on until the run has ended" },
      tail: { type: "text", value: "BYTES", about: "only the last lines, at most so many bytes" },
    },
    isTalkative: true,
    load: async () => (await import("./logs.ts")).logs,
  },
  {
    words: ["locks"],
    argsUsage: "",
    argsCount: [0, 0],
    about: "list which pull request holds which workspace, and who waits",
    options: { ...ASK_OPTIONS, ...LIMIT },
    load: async () => (await import("./status.ts")).locks,
  },
  {
    words: ["numbers"],
    argsUsage: "",
    argsCount: [0, 0],
    about: "say how drift ends, who makes it, how late looks are and how runs fare",
    options: {
      ...ASK_OPTIONS,
      weeks: { type: "text", value: "N", about: "of the last N weeks (default 12)" },
    },
    load: async () => (await import("./numbers.ts")).numbers,
  },
  {
    words: ["unlock"],
    argsUsage: "OWNER/REPO#N",
    argsCount: [1, 1],
    about: "give up every lock and plan of a pull request; whoever waits is planned",
    options: {
      ...ASK_OPTIONS,
      ...BY,
      reason: { type: "text", value: "TEXT", about: "why; kept in the audit" },
    },
    load: async () => (await import("./unlock.ts")).unlock,
  },
  {
    words: ["freeze"],
    argsUsage: "[on|off|status]",
    argsCount: [0, 1],
    about: "stop every apply, or one workspace's, until it is lifted",
    options: {
      ...ASK_OPTIONS,
      ...BY,
      workspace: { type: "text", value: "KEY", about: "only this workspace: OWNER/REPO//DIR#NAME" },
      reason: { type: "text", value: "TEXT", about: "why; told to whoever is stopped" },
    },
    load: async () => (await import("./freeze.ts")).freeze,
  },
  {
    words: ["backfill"],
    argsUsage: "[status|pause|resume|retry|cancel] [WORKSPACE] [NAME]",
    argsCount: [0, 3],
    about: "list what changes data in batches under the service, hold it or let it go on",
    options: {
      ...ASK_OPTIONS,
      state: {
        type: "text",
        value: "STATES",
        about: "only running, paused, stopped ...; several with commas",
      },
    },
    load: async () => (await import("./backfill.ts")).backfill,
  },
  {
    words: ["alert", "test"],
    argsUsage: "[CHANNEL]",
    argsCount: [0, 1],
    about: "send a test, marked as one, through an alert channel or all, and say what each answered",
    options: {
      ...{ server: ASK_OPTIONS.server, "token-file": ASK_OPTIONS["token-file"] },
      ...{ config: RECORDS_OPTIONS.config, ...BY },
    },
    load: async () => (await import("./alert-test.ts")).alertTest,
  },
  {
    words: ["drift", "list"],
    argsUsage: "[SEARCH]",
    argsCount: [0, 1],
    about: "list open findings with their ids; a folder of that name is written ./list",
    options: {
      ...ASK_OPTIONS,
      ...LIMIT,
      workspace: { type: "text", value: "KEY", about: "only of this workspace" },
      owner: { type: "text", value: "NAME", about: "only of this owner" },
      cause: { type: "text", value: "CAUSES", about: "only of these causes; several with commas" },
      state: { type: "text", value: "STATE", about: "open, ended or all" },
    },
    load: async () => (await import("./findings.ts")).driftList,
  },
  {
    words: ["drift", "ack"],
    argsUsage: "ID",
    argsCount: [1, 1],
    about: "say that somebody has a finding in hand",
    options: { ...ASK_OPTIONS, ...BY, note: { type: "text", value: "TEXT", about: "what is being done" } },
    load: async () => (await import("./findings.ts")).driftAck,
  },
  {
    words: ["drift", "snooze"],
    argsUsage: "ID",
    argsCount: [1, 1],
    about: "tell nobody of a finding again for a time; it stays open",
    options: {
      ...ASK_OPTIONS,
      ...BY,
      for: { type: "text", value: "TIME", about: "such as 8h or 3d, at most 30d" },
      reason: { type: "text", value: "TEXT", about: "why; kept in the audit" },
    },
    load: async () => (await import("./findings.ts")).driftSnooze,
  },
];

/** After `runs confirm-dead`, which begins with the same word. */
export const RUNS_COMMAND: Command = {
  words: ["runs"],
  argsUsage: "",
  argsCount: [0, 0],
  about: "list runs, newest first",
  options: {
    ...ASK_OPTIONS,
    ...LIMIT,
    workspace: { type: "text", value: "KEY", about: "only of this workspace" },
    kind: { type: "text", value: "KIND", about: "only plan, apply, drift, codify, migrate or state" },
    state: { type: "text", value: "STATES", about: "only in these states; several with commas" },
    pull: { type: "text", value: "OWNER/REPO#N", about: "only of this pull request" },
  },
  load: async () => (await import("./status.ts")).runs,
};

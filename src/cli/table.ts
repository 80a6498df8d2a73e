import type { Command } from "./command.ts";
import { CONFIG_COMMANDS } from "./config-table.ts";
import { OPERATOR_COMMANDS } from "./operator-table.ts";
import { POLICY_COMMANDS } from "./policy-table.ts";
import { RECORDS_COMMANDS } from "./records-table.ts";
import { SQL_COMMANDS } from "./sql-table.ts";

/** Every command, in the order in which help lists them. A new one is one entry, here or in its group's table, and one file beside it. */
export const TABLE: readonly Command[] = [
  {
    words: ["inspect"],
    argsUsage: "PLAN.json|-",
    argsCount: [1, 1],
    about: "say what a plan does to durable state: classes, reasons, drift that it takes back",
    options: {},
    load: async () => (await import("./inspect.ts")).inspect,
  },
  ...OPERATOR_COMMANDS,
  {
    words: ["drift"],
    argsUsage: "[DIR]",
    argsCount: [0, 1],
    about: "plan a folder read-only and explain every difference between code, state and reality",
    options: {
      engine: { type: "text", value: "terraform|tofu", about: "which engine; else what is found" },
      "var-file": { type: "texts", value: "F", about: "a variable file; may be repeated" },
      all: { type: "switch", about: "list noise too" },
      "last-applied": {
        type: "text",
        value: "COMMIT",
        about: "the commit that was applied last: tells absorbed changes from unapplied ones",
      },
    },
    load: async () => (await import("./drift.ts")).drift,
  },
  {
    words: ["codify"],
    argsUsage: "[DIR]",
    argsCount: [0, 1],
    about: "turn drift into code, proven by a plan; prints a diff, or writes it",
    options: {
      write: { type: "switch", about: "put the proven edits into the files" },
      engine: { type: "text", value: "terraform|tofu", about: "which engine; else what is found" },
      "var-file": { type: "texts", value: "F", about: "a variable file; may be repeated" },
      "last-applied": {
        type: "text",
        value: "COMMIT",
        about: "the commit that was applied last: absorbed changes are written too",
      },
      import: {
        type: "texts",
        value: "ADDRESS=ID",
        about: "write this live thing as a new resource with an import block; may be repeated",
      },
    },
    load: async () => (await import("./codify.ts")).codify,
  },
  {
    words: ["command"],
    argsUsage: '"TEXT"',
    argsCount: [1, 1],
    about: "show how a pull-request comment is understood",
    options: {},
    load: async () => (await import("./comment.ts")).comment,
  },
  ...CONFIG_COMMANDS,
  ...SQL_COMMANDS,
  ...POLICY_COMMANDS,
  {
    words: ["doctor"],
    argsUsage: "",
    argsCount: [0, 0],
    about: "check engine, git, Node, folders, port, database, forge and clock",
    options: { config: { type: "text", value: "FILE", about: "the server's configuration" } },
    load: async () => (await import("./doctor.ts")).doctor,
  },
  {
    words: ["serve"],
    argsUsage: "",
    argsCount: [0, 0],
    about: "run the service: web, worker and scheduler in one process",
    options: {
      config: { type: "text", value: "FILE", about: "the server's configuration" },
      role: { type: "text", value: "web|worker|scheduler", about: "only this part of it, on PostgreSQL" },
    },
    isTalkative: true,
    load: async () => (await import("./serve.ts")).serve,
  },
  {
    words: ["demo"],
    argsUsage: "",
    argsCount: [0, 0],
    about: "play the whole story on this machine; no account anywhere is needed",
    options: { keep: { type: "switch", about: "keep the folder with cloud, repositories and database" } },
    isTalkative: true,
    load: async () => (await import("./demo.ts")).demo,
  },
  ...RECORDS_COMMANDS,
  {
    words: ["help"],
    argsUsage: "[COMMAND]",
    argsCount: [0, 2],
    about: "show what there is, or how one command is used",
    options: {},
    load: async () => (await import("./help.ts")).helpOn(TABLE),
  },
  {
    words: ["version"],
    argsUsage: "",
    argsCount: [0, 0],
    about: "show the version",
    options: {},
    load: async () => (await import("./version.ts")).version,
  },
];

import type { Command } from "./command.ts";

/** Commands about the configuration's files. */
export const CONFIG_COMMANDS: readonly Command[] = [
  {
    words: ["config", "check"],
    argsUsage: "[FILE|-]",
    argsCount: [0, 1],
    about: "find every problem of plumbline.yaml, atlantis.yaml or the server's file at once",
    options: {},
    load: async () => (await import("./config-check.ts")).configCheck,
  },
  {
    words: ["config", "import-atlantis"],
    argsUsage: "[DIR|FILE|-]",
    argsCount: [0, 1],
    about:
      "write plumbline.yaml from atlantis.yaml, and tell what the server needs and what has no counterpart",
    options: {
      "server-config": { type: "text", value: "FILE", about: "Atlantis's server-side repo configuration" },
      "server-flags": {
        type: "text",
        value: "FILE",
        about: "flags of its server: ATLANTIS_* variables, a command line, or its --config file",
      },
      repo: {
        type: "text",
        value: "HOST/OWNER/NAME",
        about: "which repository it is, for entries of the server-side configuration",
      },
      out: {
        type: "text",
        value: "FILE",
        about: "write here; plumbline.yaml beside it where left out, - prints",
      },
    },
    load: async () => (await import("./config-import-atlantis.ts")).configImportAtlantis,
  },
];

// The house in four tiers: Words <- Thinking <- Doing <- Doors. Each rule says in a sentence why it is there.
const THINKING = ["config", "plan", "drift", "risk", "migration", "gate", "codify", "report", "policy", "alert"];
const DOING = ["run", "queue", "entry", "web", "adapters"];
const word = "^src/(model|ports)/";

const oneRoom = (room, allowed, comment) => ({
  name: `${room}-stays-in-its-room`,
  severity: "error",
  comment,
  from: { path: `^src/${room}/` },
  to: { path: "^src/", pathNot: [`^src/${room}/`, ...allowed] },
});

export default {
  forbidden: [
    { name: "no-circular", severity: "error", comment: "A cycle has no first file to read.", from: {}, to: { circular: true } },
    { name: "model-imports-nothing", severity: "error", comment: "Nouns stand on their own.", from: { path: "^src/model/" }, to: { pathNot: "^src/model/" } },
    { name: "ports-import-model-only", severity: "error", comment: "A port is an interface in the words of the model.", from: { path: "^src/ports/" }, to: { pathNot: "^src/(model|ports)/" } },
    oneRoom("hcl", ["^src/model/"], "HCL syntax serves the thinking rooms and knows none of them."),
    ...THINKING.map((room) => oneRoom(room, ["^src/model/", "^src/hcl/"], "A thinking room gets facts as data; shared types live in model.")),
    ...DOING.map((room) =>
      oneRoom(room, [word, "^src/hcl/", `^src/(${THINKING.join("|")})/`], "Doing rooms meet only in wire.ts; a run that wants another run returns it in followUps."),
    ),
    {
      name: "thinking-is-pure",
      severity: "error",
      comment: "Data in, data out: only hashing and deterministic parsers.",
      from: { path: `^src/(model|ports|hcl|${THINKING.join("|")})/` },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?(crypto|path|path/posix)$" },
    },
    {
      name: "thinking-imports-listed-parsers-only",
      severity: "error",
      comment: "A package in a pure room must be a deterministic parser.",
      from: { path: `^src/(hcl|${THINKING.join("|")})/` },
      to: { path: "node_modules", pathNot: "node_modules/(yaml|zod|web-tree-sitter|@tree-sitter-grammars|jsonc-parser|fflate|hcl2-parser|ignore|libpg-query)/" },
    },
    {
      name: "world-packages-in-adapters-only",
      severity: "error",
      comment: "The outside world is met in adapters, so that everything else can be tested with small real things.",
      from: { path: "^src/", pathNot: "^src/(adapters/|wire\\.ts)" },
      to: { path: "node_modules/(execa|simple-git|@octokit/(rest|auth-app|plugin)|pg|kysely|@electric-sql|pino|node-cron)/" },
    },
    { name: "no-src-to-outside", severity: "error", comment: "The product never imports its tests, demo or bench; the demo command starts the demo from main.ts.", from: { path: "^src/", pathNot: "^src/(main|cli/[a-z]+)\\.ts" }, to: { path: "^(test|demo|bench|scripts)/" } },
    { name: "not-unresolvable", severity: "error", comment: "An import that leads nowhere; @octokit/openapi-types holds types only.", from: {}, to: { couldNotResolve: true, pathNot: "^@octokit/openapi-types$" } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"], extensions: [".ts", ".js", ".mjs", ".json"] },
  },
};

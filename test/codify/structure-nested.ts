import type { Entry } from "./cases.ts";
import type { Part } from "./structure.ts";

const connector = (name: string, body: string): string =>
  `resource "kafka_connector" "${name}" {\n  name = "${name}"\n${body}}\n`;
const set =
  (name: string, attributes: Entry): Part["console"] =>
  (cloud) =>
    cloud.set("kafka_connector", name, attributes);

/** Nested attributes, as providers of plugin protocol 6 have them: `x = { ... }`. */
export const NESTED_PARTS: readonly Part[] = [
  {
    id: "x1",
    form: "nested attribute, one object: a member changed, an optional one adopted",
    code: connector("x1", "  retry = {\n    attempts = 3 # tries\n  }\n"),
    console: set("x1", { retry: { attempts: 5, jitter: true } }),
    has: ["attempts = 5 # tries\n", "jitter   = true\n"],
    hasNot: ["null", "backoff"],
  },
  {
    id: "x2",
    form: "nested attribute in a nested attribute: changed deep inside, by a local",
    code: `locals {\n  x2_wait = 10\n}\n\n${connector("x2", "  retry = {\n    attempts = 3\n    backoff  = { seconds = local.x2_wait }\n  }\n")}`,
    console: set("x2", { retry: { attempts: 3, backoff: { seconds: 20 } } }),
    has: ["x2_wait = 20", "backoff  = { seconds = local.x2_wait }"],
  },
  {
    id: "x3",
    form: "nested attribute, list: one changed, one added",
    code: connector(
      "x3",
      '  routes = [\n    { topic = "a" },\n    { topic = "b", tags = ["t"] }, # second\n  ]\n',
    ),
    console: set("x3", {
      routes: [{ topic: "a" }, { topic: "b", tags: ["t", "u"] }, { topic: "c" }],
    }),
    has: ['{ topic = "a" },\n', '{ topic = "b", tags = ["t", "u"] }, # second', 'topic = "c"'],
    hasNot: ["null", "weight"],
  },
  {
    id: "x4",
    form: "nested attribute, set: one removed, one changed",
    code: connector(
      "x4",
      '  hosts = [\n    { host = "z", port = 1 },\n    { host = "m" },\n    { host = "a", port = 2 },\n  ]\n',
    ),
    console: set("x4", {
      hosts: [
        { host: "z", port: 1 },
        { host: "a", port: 9 },
      ],
    }),
    has: ['{ host = "z", port = 1 },\n', "9"],
    hasNot: ['"m"', "null"],
  },
  {
    id: "x5",
    form: "nested attribute, map: an entry changed, one added, one removed",
    code: connector(
      "x5",
      "  limits = {\n    reads  = { rate = 1 }\n    writes = { rate = 2, burst = 3 }\n    old    = { rate = 4 }\n  }\n",
    ),
    console: set("x5", {
      limits: { reads: { rate: 1 }, writes: { rate: 2, burst: 8 }, fresh: { rate: 5 } },
    }),
    has: ["reads  = { rate = 1 }\n", "writes = { rate = 2, burst = 8 }\n", "fresh"],
    hasNot: ["old", "null"],
  },
  {
    id: "x6",
    form: "nested attribute that the code leaves out: adopted as a whole",
    code: connector("x6", ""),
    console: set("x6", { retry: { attempts: 2 } }),
    has: ["retry = {", "attempts = 2"],
    hasNot: ["null"],
  },
  {
    id: "x7",
    form: "nested attribute taken away in the console",
    code: connector("x7", "  retry = {\n    attempts = 3\n  }\n"),
    console: (cloud) =>
      cloud.edit(({ resources }) => {
        delete resources["kafka_connector"]?.["x7"]?.["retry"];
      }),
    hasNot: ["retry"],
  },
];

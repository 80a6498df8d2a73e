// A process of its own, to be killed while its engine applies: engine-apply-program.ts BINARY CALL PLANFILE
import { dirname } from "node:path";
import { createEngines } from "../../src/adapters/engines.ts";
import { silent, simpleRedactor } from "./engine-bench.ts";

const [binary = "", call = "{}", planFile = ""] = process.argv.slice(2);
const engines = createEngines({
  mode: "service",
  env: process.env,
  redactor: simpleRedactor(),
  log: silent,
  path: binary,
  cacheDir: dirname(planFile),
});
const engine = await engines.pick({});
await engine.apply({ ...JSON.parse(call), onLine: (line: string) => console.log(line) }, planFile);

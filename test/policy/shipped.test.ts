import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { cli } from "../cli/world.ts";
import { OPA } from "./opa-here.ts";

const SHIPPED = fileURLToPath(new URL("../../deploy/policies/stateful", import.meta.url));

describe.skipIf(!OPA)("the rules that are shipped", () => {
  test("their own tests hold", async () => {
    const { code, out } = await cli(["policy", "verify", SHIPPED, "--json"]);
    const count = readFileSync(`${SHIPPED}/stateful_test.rego`, "utf8").match(/^test_/gm)?.length;
    expect([code, JSON.parse(out)]).toEqual([0, { passed: count, failed: [], skipped: 0 }]);
  });
  test("and they judge a plan of the command line, where nobody claims anything", async () => {
    const plan = JSON.stringify({ format_version: "1.2", resource_changes: [] });
    const { code, out } = await cli(["policy", "test", "-", "--policy", SHIPPED, "--json"], { stdin: plan });
    expect([code, JSON.parse(out)]).toMatchObject([0, { denied: [], warned: [], rules: 2 }]);
  });
});

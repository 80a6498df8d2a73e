import { expect, test } from "vitest";
import { grantsOf, mayAct } from "../../src/gate/access.ts";
import { ACCESS_ROLES } from "../../src/model/access.ts";

const KEY = "acme/infra//prod/db#default";

test("each role holds the ones before it and no other", () => {
  for (const [has, role] of ACCESS_ROLES.entries())
    for (const [needs, other] of ACCESS_ROLES.entries())
      expect(mayAct({ grants: [{ role, workspaces: ["*"] }] }, other, KEY)).toBe(has >= needs);
});

test.each([
  ["*", true],
  ["acme/infra//*", true],
  ["acme/infra//prod/*#default", true],
  [KEY, true],
  ["acme/infra//prod", false],
  ["acme/infra", false],
  ["evil/*", false],
  ["acme.infra//*", false],
])("the pattern %s", (pattern, covers) => {
  expect(mayAct({ grants: [{ role: "viewer", workspaces: [pattern] }] }, "viewer", KEY)).toBe(covers);
});

test("what belongs to the whole service takes a grant for all of it", () => {
  expect(mayAct({ grants: [{ role: "admin", workspaces: ["acme/*"] }] }, "viewer", null)).toBe(false);
  expect(mayAct({ grants: [{ role: "admin", workspaces: ["*"] }] }, "admin", null)).toBe(true);
  expect(mayAct({ grants: [] }, "viewer", null)).toBe(false);
});

test("people get grants by group or by verified name", () => {
  const configured = [
    { role: "admin", groups: ["platform"], people: [], workspaces: ["*"] },
    { role: "approver", groups: [], people: ["dana@acme.example"], workspaces: ["acme/*"] },
  ] as const;
  const of = (groups: string[], email: string | null) =>
    grantsOf({ subject: "s1", email, groups }, configured).map(({ role }) => role);
  expect(of(["platform"], null)).toEqual(["admin"]);
  expect(of([], "dana@acme.example")).toEqual(["approver"]);
  expect(of(["Platform"], "DANA@acme.example")).toEqual([]);
});

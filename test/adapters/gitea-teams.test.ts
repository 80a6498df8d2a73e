import { expect, test } from "vitest";
import { against } from "./scripted-gitea.ts";

test("a team's members are told apart from others, whatever case its name has", async () => {
  const { forge, calls } = await against((_method, path) => {
    if (path.includes("/orgs/acme/teams/search"))
      return [
        200,
        {
          data: [
            { id: 4, name: "DBA-old" },
            { id: 5, name: "DBA" },
          ],
        },
      ];
    return path.endsWith("/teams/5/members/lee") ? [200, { login: "lee" }] : [404, { message: "not found" }];
  });
  expect(await forge.teamMember?.("acme/infra", "acme/dba", "lee")).toBe(true);
  expect(await forge.teamMember?.("acme/infra", "acme/dba", "sam")).toBe(false);
  expect(await forge.teamMember?.("acme/infra", "acme/none", "lee")).toBe(false);
  expect(calls.length).toBeGreaterThan(0);
});

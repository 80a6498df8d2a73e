import { describe, expect, test } from "vitest";
import { approvalsByRole, countedApprovals } from "../../src/gate/approvals.ts";
import type { StatefulFacts } from "../../src/gate/stateful-facts.ts";
import { DEFAULT_GOVERNANCE, type Governance } from "../../src/model/governance.ts";
import type { PullRequest, Review } from "../../src/model/pull.ts";
import { approverFacts } from "../../src/run/approver-facts.ts";
import type { World } from "../../src/run/world.ts";

const HEAD = "a".repeat(40);
const DIGEST = "pd1:0011223344";
const at = (minute: number): Date => new Date(Date.UTC(2026, 6, 3, 10, minute));

const pull = {
  repo: "acme/infra",
  number: 7,
  author: "dana",
  body: "",
  head: { ref: "topic", sha: HEAD },
  base: { ref: "main", sha: "b".repeat(40) },
} as unknown as PullRequest;

const review = (user: string, state: Review["state"], minute: number, commit = HEAD): Review =>
  ({ id: minute, user, state, at: at(minute), commit }) as Review;

interface Scene {
  readonly reviews?: readonly Review[];
  readonly approvals?: readonly { readonly by: string; readonly digest?: string; readonly head?: string }[];
  readonly permissions?: Readonly<Record<string, string>>;
  readonly teams?: Readonly<Record<string, readonly string[] | "refused" | "broken">>;
  readonly pusher?: string | null;
}

/** Forge and ledger as far as approvers are asked for, with what they know written out. */
const worldOf = ({
  reviews = [],
  approvals = [],
  permissions = {},
  teams = {},
  pusher = "dana",
}: Scene): World =>
  ({
    server: { commandPermission: "write" },
    log: { warn() {} },
    forge: {
      reviews: async () => reviews,
      identity: async () => "plumbline[bot]",
      lastPusher: async () => pusher,
      permission: async (_repo: string, login: string) => permissions[login] ?? "write",
      teamMember: async (_repo: string, team: string, login: string) => {
        const members = teams[team] ?? [];
        if (members === "broken") throw new Error("no answer");
        return members === "refused" ? null : members.includes(login);
      },
    },
    git: { contributors: async () => ["dana", "kim"] },
    ledger: {
      approvals: {
        list: async () =>
          approvals.map(({ by, digest = DIGEST, head = HEAD }) => ({
            by,
            digest,
            head,
            kind: "approve",
            at: at(30),
            voidedAt: null,
          })),
      },
    },
  }) as unknown as World;

const ROLES: Governance["roles"] = {
  "service-owner": ["@acme/shop"],
  "data-owner": ["@acme/dba", "lee"],
  platform: ["noor"],
  security: ["@acme/security"],
};

const rolesOf = async (scene: Scene, roles: Governance["roles"] = ROLES, owners: readonly string[] = []) => {
  const governance = { ...DEFAULT_GOVERNANCE, roles };
  const wish = { pull, governance, owners, digest: DIGEST, since: at(0) };
  const approvers = await approverFacts(worldOf(scene), wish);
  const claims = { claim: null, problems: [] };
  const facts = { class: "R5", changes: [], governance, claims, approvers } as unknown as StatefulFacts;
  return {
    by: Object.fromEntries(approvalsByRole(facts).map(({ role, by }) => [role, by])),
    ignored: countedApprovals(approvers).ignored.map(({ approval, why }) => `${approval.by}: ${why}`),
    members: approvers.members,
  };
};

const nobody = { "service-owner": null, "data-owner": null, platform: null, security: null };

describe("who stands for a role", () => {
  test("each role is asked of its own team or login", async () => {
    const teams = { "acme/shop": ["sam"], "acme/dba": ["kim"], "acme/security": ["rita"] };
    const approved = ["sam", "kim", "noor", "rita"].map((by) => ({ by }));
    expect((await rolesOf({ teams, approvals: approved })).by).toEqual({
      "service-owner": "sam",
      "data-owner": "kim",
      platform: "noor",
      security: "rita",
    });
    const { by } = await rolesOf({ teams, approvals: [{ by: "sam" }, { by: "lee" }] });
    expect(by).toEqual({ ...nobody, "service-owner": "sam", "data-owner": "lee" });
  });
  test("a team that is not told is nobody, and is named", async () => {
    for (const answer of ["refused", "broken"] as const) {
      const told = await rolesOf({ teams: { "acme/security": answer }, approvals: [{ by: "rita" }] });
      expect(told.by["security"]).toBeNull();
      expect(told.members["security"]).toMatchObject({ unread: ["@acme/security"] });
    }
  });
  test("without a role's name the owners are the service owner: of the workspace, or of CODEOWNERS", async () => {
    const scene = { teams: { "acme/shop": ["sam"] }, approvals: [{ by: "sam" }] };
    const { "service-owner": _, ...others } = ROLES;
    expect((await rolesOf(scene, others, ["@acme/shop"])).by).toEqual({ ...nobody, "service-owner": "sam" });
    expect((await rolesOf({ ...scene, approvals: [{ by: "kim" }] }, others, ["@acme/shop"])).by).toEqual(
      nobody,
    );
  });
});

describe("which approvals count", () => {
  const alone = { "service-owner": ["sam"] };
  const counts = async (scene: Scene) => {
    const told = await rolesOf(scene, alone);
    return told.by["service-owner"] ?? told.ignored.join();
  };
  test("a review of this head, and a comment for this plan", async () => {
    expect(await counts({ reviews: [review("sam", "approved", 5)] })).toBe("sam");
    expect(await counts({ approvals: [{ by: "sam" }] })).toBe("sam");
  });
  test.each<[string, Scene, RegExp]>([
    ["of another head", { reviews: [review("sam", "approved", 5, "c".repeat(40))] }, /another head/],
    ["for another plan", { approvals: [{ by: "sam", digest: "pd1:ffff" }] }, /another plan/],
    ["by whoever pushed last", { reviews: [review("sam", "approved", 5)], pusher: "sam" }, /wrote or pushed/],
    [
      "by somebody who only reads",
      { reviews: [review("sam", "approved", 5)], permissions: { sam: "read" } },
      /may not/,
    ],
    [
      "that somebody doubted later",
      { reviews: [review("sam", "approved", 5), review("kim", "changes_requested", 6)] },
      /@kim asked for changes/,
    ],
    [
      "by comment that somebody doubted later",
      { approvals: [{ by: "sam" }], reviews: [review("kim", "changes_requested", 40)] },
      /@kim asked for changes/,
    ],
  ])("none %s", async (_what, scene, why) => {
    expect(await counts(scene)).toMatch(why);
  });
  test("nor by anybody who contributed, where the forge does not tell who pushed", async () => {
    const scene = { reviews: [review("kim", "approved", 5)], pusher: null };
    expect((await rolesOf(scene, { "service-owner": ["kim"] })).ignored).toEqual(["kim: wrote or pushed it"]);
  });
  test("an approval of one's own after one's own doubt counts, one before it does not", async () => {
    const words = (first: Review["state"], second: Review["state"]) => ({
      reviews: [review("sam", first, 5), review("sam", second, 6)],
    });
    expect(await counts(words("changes_requested", "approved"))).toBe("sam");
    expect(await counts(words("approved", "changes_requested"))).toBe("");
    expect(await counts(words("approved", "commented"))).toBe("sam");
    expect(await counts(words("approved", "dismissed"))).toBe("");
  });
  test("doubt that was dismissed, or that comes of somebody who may not approve, voids nothing", async () => {
    const doubt = (state: Review["state"]) => [
      review("sam", "approved", 5),
      review("kim", "changes_requested", 6),
      review("kim", state, 7),
    ];
    expect(await counts({ reviews: doubt("dismissed") })).toBe("sam");
    expect(await counts({ reviews: doubt("commented"), permissions: { kim: "read" } })).toBe("sam");
  });
});

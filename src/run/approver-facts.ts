import type { ApproverFacts, GivenApproval, RoleMembers } from "../gate/stateful-facts.ts";
import { BUILT_IN_ROLES, type Governance } from "../model/governance.ts";
import { type PullRequest, permits, type Review } from "../model/pull.ts";
import { whoMayNotApprove } from "./requirements.ts";
import type { World } from "./world.ts";

export interface ApprovedWhat {
  readonly pull: PullRequest;
  readonly governance: Governance;
  /** Of the workspace, else of the changed files. */
  readonly owners: readonly string[];
  readonly digest: string | null;
  /** When plan and evidence were there as they are now. */
  readonly since: Date;
}

/** Who said yes and who said no, who of them may, and who stands for which role: asked of forge and ledger now. */
export const approverFacts = async (world: World, what: ApprovedWhat): Promise<ApproverFacts> => {
  const { pull } = what;
  const reviews = newestWords(await world.forge.reviews(pull));
  const given = [...(await byComment(world, pull)), ...reviews.filter(isYes).map(byReview)];
  const objections = reviews
    .filter((one) => one.state === "changes_requested")
    .map(({ user, at }) => ({ by: user, at }));
  const people = [...new Set([...given, ...objections].map(({ by }) => by))];
  return {
    given,
    objections,
    head: pull.head.sha,
    digest: what.digest,
    since: what.since,
    excluded: await whoMayNotApprove(world, pull),
    permitted: await permittedOf(world, pull.repo, people),
    members: await membersOf(world, what, people),
  };
};

/** Somebody's last word that decides: comments and pending reviews leave the one before as it is. */
const newestWords = (reviews: readonly Review[]): readonly Review[] => {
  const newest = new Map<string, Review>();
  for (const review of reviews.toSorted((left, right) => left.at.getTime() - right.at.getTime())) {
    if (review.state !== "commented" && review.state !== "pending") newest.set(review.user, review);
  }
  return [...newest.values()];
};

const isYes = (review: Review): boolean => review.state === "approved";
const byReview = ({ user, at, commit }: Review): GivenApproval => ({
  by: user,
  at,
  how: "review",
  head: commit,
  digest: null,
});

const byComment = async (world: World, pull: PullRequest): Promise<readonly GivenApproval[]> => {
  const rows = await world.ledger.approvals.list(pull);
  return rows
    .filter((row) => row.kind === "approve" && row.voidedAt === null)
    .map(({ by, at, head, digest }) => ({ by, at, how: "comment" as const, head, digest }));
};

const permittedOf = async (
  world: World,
  repo: string,
  people: readonly string[],
): Promise<ReadonlySet<string>> => {
  const asked = await Promise.all(
    people.map(async (login) => ({ login, has: await world.forge.permission(repo, login) })),
  );
  return new Set(
    asked.filter(({ has }) => permits(has, world.server.commandPermission)).map(({ login }) => login),
  );
};

const membersOf = async (
  world: World,
  { pull, governance, owners }: ApprovedWhat,
  people: readonly string[],
): Promise<Readonly<Record<string, RoleMembers>>> => {
  const roles = [...new Set([...BUILT_IN_ROLES, ...Object.keys(governance.roles)])];
  const found = roles.map(async (role) => {
    const named = governance.roles[role] ?? (role === "service-owner" ? owners : []);
    return [role, await roleMembers(world, pull.repo, named, people)] as const;
  });
  return Object.fromEntries(await Promise.all(found));
};

/** Those of `people` who are among the named logins and teams. */
export const roleMembers = async (
  world: World,
  repo: string,
  names: readonly string[],
  people: readonly string[],
): Promise<RoleMembers> => {
  if (names.length === 0) return { kind: "anybody" };
  const plain = names.map((name) => name.replace(/^@/, ""));
  const logins = new Set(plain.filter((name) => !name.includes("/")).map((name) => name.toLowerCase()));
  const unread: string[] = [];
  for (const team of plain.filter((name) => name.includes("/"))) {
    for (const login of people) {
      const belongs = await isMember(world, repo, team, login);
      if (belongs) logins.add(login.toLowerCase());
      if (belongs === null && !unread.includes(`@${team}`)) unread.push(`@${team}`);
    }
  }
  return { kind: "named", names, logins, unread };
};

const isMember = async (world: World, repo: string, team: string, login: string): Promise<boolean | null> => {
  if (!world.forge.teamMember) return null;
  try {
    return await world.forge.teamMember(repo, team, login);
  } catch (error) {
    world.log.warn("the members of a team could not be read", { team, error });
    return null;
  }
};

import { bodyAs, graphqlBody, statusBody } from "./body.ts";
import { reviewDecision } from "./mergeability.ts";
import { notFound } from "./refusal.ts";
import { onRepo, paged, type RepoCall, type Route } from "./router.ts";
import { pathOf } from "./routes-pulls.ts";
import { fullRepoShape, selfShape, userShape } from "./shapes.ts";
import { activityShape, branchShape, combinedShape, statusShape } from "./shapes-commit.ts";
import { currentStatuses, isPull, permissionOf, ZERO } from "./state.ts";
import { setStatus } from "./threads.ts";

export const repoRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/user",
    needs: "read",
    answer: ({ hub, person }) => ({ status: 200, body: selfShape(hub, person) }),
  },
  onRepo("GET", "", "read", ({ hub, repo }) => ({ status: 200, body: fullRepoShape(hub, repo) })),
  onRepo("GET", "/branches/:branch+", "read", async (call) => {
    const branch = call.params["branch"] ?? "";
    const commit = await call.repo.git.resolve(`refs/heads/${branch}`);
    if (!commit) throw notFound();
    return { status: 200, body: branchShape(call.hub, call.repo, branch, commit) };
  }),
  // Rulesets: none here, branches are protected the older way.
  onRepo("GET", "/rules/branches/:branch+", "read", () => ({ status: 200, body: [] })),
  onRepo("GET", "/collaborators/:login/permission", "write", (call) => {
    const person = call.hub.people.get((call.params["login"] ?? "").toLowerCase());
    if (!person) throw notFound();
    const role = permissionOf(call.repo, person);
    const permission = { triage: "read", maintain: "write" }[role as string] ?? role;
    const user = { ...userShape(call.hub, person), role_name: role };
    return { status: 200, body: { permission, role_name: role, user } };
  }),
  {
    method: "GET",
    path: "/orgs/:org/teams/:team/memberships/:login",
    needs: "read",
    answer: ({ hub, params: { org = "", team = "", login = "" } }) => {
      if (!hub.teams.get(`${org}/${team}`.toLowerCase())?.has(login.toLowerCase())) throw notFound();
      const url = `${hub.origin}/api/v3/orgs/${org}/teams/${team}/memberships/${login}`;
      return { status: 200, body: { url, role: "member", state: "active" } };
    },
  },
  onRepo("GET", "/activity", "read", (call) => {
    const ref = call.query.get("ref");
    const full = ref === null || ref.startsWith("refs/") ? ref : `refs/heads/${ref}`;
    const found = call.repo.activities.filter((one) => full === null || one.ref === full).reverse();
    const { items, headers } = paged(call, pathOf(call, "/activity"), found);
    return { status: 200, body: items.map((one) => activityShape(call.hub, one)), headers };
  }),
  onRepo("POST", "/statuses/:sha", "write", async (call) => {
    const { state, context, description = null, target_url: targetUrl = null } = bodyAs(call, statusBody);
    const wish = { state, context, description, targetUrl };
    const { commit, status } = await setStatus(
      call.hub,
      call.repo,
      call.person,
      call.params["sha"] ?? "",
      wish,
    );
    return { status: 201, body: statusShape(call.hub, call.repo, commit, status) };
  }),
  onRepo("GET", "/commits/:ref+/status", "read", async (call) => {
    const commit = await commitOf(call);
    const all = currentStatuses(call.repo, commit);
    const { items, headers } = paged(call, pathOf(call, `/commits/${commit}/status`), all);
    return { status: 200, body: combinedShape(call.hub, call.repo, commit, items), headers };
  }),
  onRepo("GET", "/commits/:ref+/check-runs", "read", async (call) => {
    await commitOf(call);
    return { status: 200, body: { total_count: 0, check_runs: [] } };
  }),
];

const commitOf = async ({ repo, params }: RepoCall): Promise<string> => {
  const ref = params["ref"] ?? ZERO;
  const found = (await repo.git.resolve(ref)) ?? (await repo.git.resolve(`refs/heads/${ref}`));
  if (!found) throw notFound();
  return found;
};

/** The one question that is asked of GraphQL; it lies beside the REST API, not under it. */
export const graphqlRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/graphql",
    needs: "read",
    answer: (call) => {
      const { variables } = bodyAs(call, graphqlBody);
      const repo = call.hub.repos.get(`${variables.owner}/${variables.repo}`.toLowerCase());
      const thread = repo?.threads.get(variables.number);
      const pullRequest =
        repo && thread && isPull(thread) ? { reviewDecision: reviewDecision(repo, thread) } : null;
      return { status: 200, body: { data: { repository: repo ? { pullRequest } : null } } };
    },
  },
];

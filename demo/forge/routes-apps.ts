import { createPublicKey, verify } from "node:crypto";
import type { App } from "./hub.ts";
import { notFound, Refusal } from "./refusal.ts";
import type { Call, Route } from "./router.ts";
import { apiUrl, nodeId, userShape } from "./shapes.ts";

/** What an app asks as itself, with a JSON Web Token signed by its key. */
export const appRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/app",
    needs: null,
    answer: (call) => ({ status: 200, body: appShape(call, appOf(call)) }),
  },
  {
    method: "GET",
    path: "/repos/:owner/:repo/installation",
    needs: null,
    answer: (call) => {
      const app = appOf(call);
      if (!call.hub.repos.has(`${call.params["owner"]}/${call.params["repo"]}`.toLowerCase()))
        throw notFound();
      return { status: 200, body: installationShape(call, app) };
    },
  },
  {
    method: "POST",
    path: "/app/installations/:id/access_tokens",
    needs: null,
    answer: (call) => {
      const app = appOf(call);
      if (call.params["id"] !== String(app.installationId)) throw notFound();
      const expires = new Date(call.hub.now().getTime() + 3_600_000).toISOString();
      const permissions = { contents: "write", pull_requests: "write", statuses: "write", issues: "write" };
      const body = { token: app.bot.token, expires_at: expires, permissions, repository_selection: "all" };
      return { status: 201, body };
    },
  },
];

const appOf = ({ hub, bearer }: Call): App => {
  const [head = "", claims = "", signature = ""] = bearer.split(".");
  const found = hub.apps.find((app) =>
    verify(
      "RSA-SHA256",
      Buffer.from(`${head}.${claims}`),
      createPublicKey(app.publicKey),
      Buffer.from(signature, "base64url"),
    ),
  );
  const issuer = found && JSON.parse(Buffer.from(claims, "base64url").toString()).iss;
  if (!found || String(issuer) !== String(found.id))
    throw new Refusal(401, "A JSON web token could not be decoded");
  return found;
};

const TIMES = { created_at: "2020-01-01T00:00:00Z", updated_at: "2020-01-01T00:00:00Z" };

const appShape = ({ hub }: Call, app: App) => ({
  id: app.id,
  slug: app.slug,
  node_id: nodeId("Integration", app.id),
  owner: userShape(hub, app.bot),
  name: app.slug,
  description: null,
  external_url: `${hub.origin}/apps/${app.slug}`,
  html_url: `${hub.origin}/apps/${app.slug}`,
  ...TIMES,
  permissions: { contents: "write", metadata: "read" },
  events: ["push", "pull_request"],
});

const installationShape = ({ hub }: Call, app: App) => ({
  id: app.installationId,
  account: userShape(hub, app.bot),
  access_tokens_url: `${apiUrl(hub)}/app/installations/${app.installationId}/access_tokens`,
  repositories_url: `${apiUrl(hub)}/installation/repositories`,
  html_url: `${hub.origin}/settings/installations/${app.installationId}`,
  app_id: app.id,
  target_id: 1,
  target_type: "Organization",
  permissions: { contents: "write", metadata: "read" },
  events: ["push", "pull_request"],
  ...TIMES,
  single_file_name: null,
  repository_selection: "all",
  app_slug: app.slug,
  suspended_by: null,
  suspended_at: null,
});

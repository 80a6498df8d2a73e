import type { ServerConfig } from "../model/config.ts";

/** Addresses that only this machine reaches. Anything else, names that are resolved included, counts as reachable. */
export const isLoopback = (host: string): boolean => {
  const address = host.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  return (
    address === "localhost" ||
    address === "::1" ||
    /^(::ffff:)?127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/.test(address)
  );
};

/**
 * What is missing before the service may listen where others can reach it, one sentence each; empty where nothing is.
 * `tokens`: whether some API token is there that can be used.
 */
export const exposureProblems = (
  server: Pick<ServerConfig, "listen" | "webhookSecrets" | "repoAllowlist" | "access">,
  tokens: boolean,
): readonly string[] => {
  if (isLoopback(server.listen.host)) return [];
  const problems: string[] = [];
  if (server.webhookSecrets.length === 0)
    problems.push("a webhook secret: PLUMBLINE_WEBHOOK_SECRET or webhook_secrets");
  if (server.repoAllowlist.length === 0)
    problems.push("a list of repositories: PLUMBLINE_REPO_ALLOWLIST or repo_allowlist");
  if (!tokens && !server.access?.oidc && !server.access?.adminToken)
    problems.push(
      "a way to tell who asks: access.oidc, PLUMBLINE_ADMIN_TOKEN, or a token by `plumbline token create`",
    );
  return problems;
};

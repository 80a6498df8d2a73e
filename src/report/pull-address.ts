import type { ForgeConfig } from "../model/config.ts";
import type { PullRef } from "../model/pull.ts";

/** Where people see a pull request, told by the address of the forge's API; null where that says nothing. */
export const pullAddress = (
  { type, apiUrl }: Pick<ForgeConfig, "type" | "apiUrl">,
  { repo, number }: PullRef,
): string | null => {
  if (!URL.canParse(apiUrl)) return null;
  const { protocol, host, pathname } = new URL(apiUrl);
  if (protocol !== "https:" && protocol !== "http:") return null;
  const before = pathname.replace(/\/api\/v\d+\/?$/, "").replace(/\/$/, "");
  const web = host === "api.github.com" ? "https://github.com" : `${protocol}//${host}${before}`;
  return `${web}/${repo}/${type === "github" ? "pull" : "pulls"}/${number}`;
};

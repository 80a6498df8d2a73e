import { PlumblineError } from "../model/errors.ts";

/** `/repos/OWNER/NAME/...`; a name that could leave this address is not one that Gitea allows. */
export const repoPath = (repo: string, rest: string): string => {
  const [owner = "", name = "", ...more] = repo.split("/");
  if (more.length > 0 || !isName(owner) || !isName(name))
    throw new PlumblineError("forge-not-found", `${repo} is no repository's name: Gitea's are OWNER/NAME.`);
  return `/repos/${owner}/${name}${rest === "" ? "" : `/${rest}`}`;
};

const isName = (text: string): boolean => /^[\w.-]+$/.test(text) && !/^\.+$/.test(text);

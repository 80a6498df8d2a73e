import { readFile } from "node:fs/promises";
import { normalize } from "node:path";
import { coversWorkspace } from "../gate/access.ts";
import type { DatabaseIdentity, DatabaseRule, HeldUrl } from "../model/database.ts";
import { PlumblineError } from "../model/errors.ts";
import type { DatabaseUrls } from "../ports/migrations.ts";
import type { Redactor } from "../ports/redactor.ts";

export interface DatabaseUrlOptions {
  readonly rules: readonly DatabaseRule[];
  /** The environment of this process, as wire.ts read it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly redactor: Redactor;
}

/** URLs from variables and files that the operator's rules let a workspace name. */
export const databaseUrls = (options: DatabaseUrlOptions): DatabaseUrls => ({
  resolve: async (workspace, database, identity) => {
    const held = database.url[identity];
    if (held === null)
      throw new PlumblineError("credentials-failed", `No database.url.${identity} is configured.`, {
        hint: `Set database.url.${identity} in plumbline.yaml to {env: NAME} or {file: /PATH}.`,
      });
    if (!isAllowed(options.rules, workspace, identity, held)) throw notAllowed(workspace, identity, held);
    const url = (await heldBy(options.env, held))?.trim() ?? "";
    if (url === "") throw empty(held);
    learn(options.redactor, url);
    if (!/^(postgres(ql)?:\/\/|pglite:)/.test(url)) throw noUrl(held);
    return url;
  },
});

const isAllowed = (
  rules: readonly DatabaseRule[],
  workspace: string,
  identity: DatabaseIdentity,
  held: HeldUrl,
): boolean =>
  rules
    .filter(({ workspaces }) => workspaces.some((pattern) => coversWorkspace(pattern, workspace)))
    .some(({ may }) => {
      if ("env" in held) return may[identity].env.includes(held.env);
      const path = normalize(held.file);
      return may[identity].files.some((file) => (file.endsWith("/") ? path.startsWith(file) : path === file));
    });

const heldBy = async (env: DatabaseUrlOptions["env"], held: HeldUrl): Promise<string | null> =>
  "env" in held ? (env[held.env] ?? null) : readFile(held.file, "utf8").catch(() => null);

const learn = (redactor: Redactor, url: string): void => {
  if (!URL.canParse(url)) {
    redactor.learn(url);
    return;
  }
  const { password, searchParams } = new URL(url);
  for (const secret of [password, searchParams.get("password") ?? ""]) {
    if (secret === "") continue;
    for (const form of [url, secret, decodeURIComponent(secret)]) redactor.learn(form);
  }
};

const nameOf = (held: HeldUrl): string =>
  "env" in held ? `the variable ${held.env}` : `the file ${held.file}`;

const notAllowed = (workspace: string, identity: DatabaseIdentity, held: HeldUrl): PlumblineError =>
  new PlumblineError(
    "credentials-failed",
    `${workspace} may not take its ${identity} connection from ${nameOf(held)}.`,
    { hint: `The operator allows it by \`databases\` in the server's file, under ${identity}.` },
  );

const empty = (held: HeldUrl): PlumblineError =>
  new PlumblineError("credentials-failed", `There is no connection in ${nameOf(held)}.`, {
    hint: "Put postgres://USER:PASSWORD@HOST:PORT/DATABASE there, on the service's machine.",
  });

const noUrl = (held: HeldUrl): PlumblineError =>
  new PlumblineError(
    "credentials-failed",
    `What ${nameOf(held)} holds is no URL that begins with postgres://.`,
    { hint: "Put postgres://USER:PASSWORD@HOST:PORT/DATABASE there, on the service's machine." },
  );

import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { coversWorkspace } from "../gate/access.ts";
import { PlumblineError } from "../model/errors.ts";
import type { CredentialRule, CredentialSettings, GitCredential } from "../model/isolation.ts";
import type { Clock } from "../ports/clock.ts";
import type { CredentialAsk, Credentials } from "../ports/credentials.ts";
import type { LentVariables } from "../ports/engine.ts";
import type { Log } from "../ports/log.ts";
import type { Redactor } from "../ports/redactor.ts";
import { askCommand } from "./credentials-command.ts";
import { gitVariables } from "./credentials-git.ts";
import { secretsInFile } from "./credentials-secrets.ts";
import { secretValues } from "./engine-environment.ts";

export interface CredentialOptions {
  readonly rules: readonly CredentialRule[];
  /** The environment of this process, as wire.ts read it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly redactor: Redactor;
  readonly log: Log;
}

/** What lasts shorter than this is fetched anew before the next engine process. */
const MARGIN_MS = 5 * 60_000;

/** Static values, copied files and the answers of commands, by the rules that fit a workspace. */
export const createCredentials = (options: CredentialOptions): Credentials => ({
  lend: (ask, folder) => {
    const settings = options.rules
      .filter(({ workspaces }) => workspaces.some((pattern) => coversWorkspace(pattern, ask.workspace)))
      .flatMap((rule) => rule[ask.phase] ?? []);
    return lent(options, ask, settings, folder);
  },
});

interface Fetched extends LentVariables {
  readonly expiresAt: Date | null;
  /** Whether files were written that a running engine reads again. */
  readonly renewable: boolean;
}

const lent = (
  options: CredentialOptions,
  ask: CredentialAsk,
  settings: readonly CredentialSettings[],
  makeFolder: () => Promise<string>,
): ReturnType<Credentials["lend"]> => {
  const { clock, log } = options;
  const ended = new AbortController();
  let folder: Promise<string> | null = null;
  let last: Fetched | null = null;
  let watching = false;
  const place = (): Promise<string> => {
    folder ??= makeFolder();
    return folder;
  };
  const fetchNow = async (): Promise<Fetched> => {
    last = await fetched(options, ask, settings, place);
    return last;
  };
  // A file that a running engine reads again is rewritten in time: an apply may take longer than a token lasts.
  const keepFresh = async (): Promise<void> => {
    while (last?.renewable && last.expiresAt && !ended.signal.aborted) {
      const left = last.expiresAt.getTime() - clock.now().getTime() - MARGIN_MS;
      await clock.wait(Math.max(left, 30_000), ended.signal);
      if (ended.signal.aborted) return;
      await fetchNow().catch((error: unknown) => {
        log.warn("credentials could not be renewed while a run goes on", { ...ask, error });
      });
    }
  };
  return {
    variables: async () => {
      const now = last && lasts(last, clock.now()) ? last : await fetchNow();
      if (now.renewable && now.expiresAt && !watching) {
        watching = true;
        void keepFresh().finally(() => {
          watching = false;
        });
      }
      return { env: now.env, folders: now.folders };
    },
    close: () => ended.abort(),
  };
};

const lasts = ({ expiresAt }: Fetched, now: Date): boolean =>
  expiresAt === null || expiresAt.getTime() - now.getTime() > MARGIN_MS;

const fetched = async (
  options: CredentialOptions,
  ask: CredentialAsk,
  settings: readonly CredentialSettings[],
  place: () => Promise<string>,
): Promise<Fetched> => {
  const env: Record<string, string> = {};
  const files: Record<string, string> = {};
  const git: GitCredential[] = [];
  let expiresAt: Date | null = null;
  let renewable = false;
  for (const one of settings) {
    Object.assign(env, one.env, handedOn(options, one.envFrom));
    for (const [name, path] of Object.entries(one.files)) files[name] = await textOf(name, path);
    git.push(...one.git);
    if (one.command === null) continue;
    const answer = await askCommand(options, ask, one.command, one);
    Object.assign(env, answer.env);
    Object.assign(files, answer.files);
    git.push(...answer.git);
    renewable ||= Object.keys(answer.files).length > 0;
    if (answer.expiresAt && (!expiresAt || answer.expiresAt < expiresAt)) expiresAt = answer.expiresAt;
  }
  for (const value of secretValues(env)) options.redactor.learn(value);
  for (const text of Object.values(files))
    for (const secret of secretsInFile(text)) options.redactor.learn(secret);
  const folder = Object.keys(files).length > 0 ? await place() : null;
  if (folder !== null) Object.assign(env, await writtenTo(folder, files));
  Object.assign(env, gitVariables(git, options.redactor));
  return { env, folders: folder === null ? [] : [folder], expiresAt, renewable };
};

const handedOn = ({ env }: CredentialOptions, names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    names.map((name) => {
      const value = env[name];
      if (value === undefined)
        throw new PlumblineError("credentials-failed", `The service has no variable ${name} to hand on.`);
      return [name, value];
    }),
  );

const textOf = async (name: string, path: string): Promise<string> => {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new PlumblineError("credentials-failed", `The file for ${name} cannot be read: ${path}.`, {
      cause,
    });
  }
};

/** Replaced whole: an engine that reads meanwhile finds the one or the other. */
const writtenTo = async (
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> => {
  const named: Record<string, string> = {};
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    const fresh = `${path}.${randomUUID()}`;
    await writeFile(fresh, text, { mode: 0o600 });
    await rename(fresh, path);
    named[name] = path;
  }
  return named;
};

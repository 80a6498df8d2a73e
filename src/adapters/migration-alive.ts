import { createHash } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { MigrationCall } from "../ports/migrations.ts";
import { runsWith } from "./apply-marker.ts";
import type { MigrationProgram } from "./migration-program.ts";
import type { Target } from "./pg-session.ts";
import { openTarget } from "./pg-target.ts";

/** The argument that tells a tool its folder, and us that the process is one of this workspace's. */
export const folderArgument = (name: MigrationProgram["name"], dir: string): string =>
  name === "flyway" ? `-locations=filesystem:${dir}` : `--search-path=${dir}`;

/** The URL with a name by which the sessions of a run that writes are found again, whoever looks. */
export const named = (
  url: string,
  { workspace }: Pick<MigrationCall, "workspace">,
  writes: boolean,
): string => {
  if (!writes || !URL.canParse(url)) return url;
  const own = new URL(url);
  own.searchParams.set("application_name", sessionName(workspace));
  return own.href;
};

/** As PostgreSQL keeps it: at most 63 bytes. */
export const sessionName = (workspace: string): string =>
  `plumbline-migrate-${createHash("sha256").update(workspace).digest("hex").slice(0, 24)}`;

/**
 * Why a run of the tool may still work here or at the server; null where both are gone. A tool that was just started
 * holds no lock yet: its process is looked for first, then its sessions, so that nothing slips between.
 */
export const whyAlive = async (
  name: MigrationProgram["name"],
  { dir, workspace }: Pick<MigrationCall, "dir" | "workspace">,
  target: Target,
): Promise<string | null> => {
  const own = folderArgument(name, dir);
  if (await runsWith((argument) => argument === own))
    return `A process of ${name} for this folder still runs.`;
  for (let tries = SETTLING_TRIES; await hasSession(target, workspace); tries -= 1) {
    if (tries === 0) return `A session of ${name} for this workspace still works at the server.`;
    await setTimeout(SETTLING_MS);
  }
  return null;
};

/** The same, with a connection of its own. @throws `database-unavailable` */
export const whyRunning = async (
  name: MigrationProgram["name"],
  call: MigrationCall,
): Promise<string | null> => {
  const target = await openTarget(await call.url("migration"));
  try {
    return await whyAlive(name, call, target);
  } finally {
    await target.close();
  }
};

// A session ends a moment after the program that opened it.
const [SETTLING_TRIES, SETTLING_MS] = [10, 100];

const hasSession = async (target: Target, workspace: string): Promise<boolean> => {
  const rows = await target.query(
    "select 1 as there from pg_stat_activity where application_name = $1 and pid <> pg_backend_pid()",
    [sessionName(workspace)],
  );
  return rows.length > 0;
};

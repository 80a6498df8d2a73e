import { z } from "zod";
import { PlumblineError } from "../model/errors.ts";
import { corrupt } from "./backup-parts.ts";
import { migrationNames } from "./database-migrate.ts";

const table = z.object({ name: z.string(), columns: z.array(z.string()).min(1) });
const counter = z.object({ table: z.string(), column: z.string(), last: z.number(), called: z.boolean() });

/** The first part of a backup: what the rest needs to be understood. */
const manifest = z.object({
  plumbline: z.string(),
  createdAt: z.iso.datetime(),
  instance: z.string(),
  /** Migrations that the rows went through. */
  migrations: z.array(z.string()).min(1),
  tables: z.array(table),
  counters: z.array(counter),
  /** First sequence of the audit whose hash does not fit; null in a system nobody tampered with. */
  auditBrokenAt: z.number().nullable(),
  /** Which keys seal the artifacts, as fingerprints. */
  keyIds: z.array(z.string()),
  /** The keys themselves in hex, only where they were asked for. */
  keys: z.array(z.string().regex(/^[0-9a-f]{64}$/)).nullable(),
  /** The switch of a service with an embedded database, which lies beside the database. */
  freeze: z.string().nullable(),
});
export type Manifest = z.infer<typeof manifest>;

/** Fails with `backup-corrupt`, or with `backup-newer` where this version does not know all migrations. */
export const readManifest = (content: Uint8Array): Manifest => {
  const read = manifest.safeParse(JSON.parse(Buffer.from(content).toString()));
  if (!read.success) throw corrupt("its first part is no manifest", read.error);
  const unknown = read.data.migrations.filter((name) => !migrationNames().includes(name));
  if (unknown.length === 0) return read.data;
  throw new PlumblineError("backup-newer", "The backup holds rows of a newer Plumbline's database.", {
    detail: { migrations: unknown },
  });
};

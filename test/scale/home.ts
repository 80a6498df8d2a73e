import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStage, type Stage, type StageService } from "../../demo/story/stage.ts";
import { defaultCacheDir } from "../../src/adapters/engine-find.ts";
import type { ServerConfig } from "../../src/model/config.ts";
import { binaries, startServer } from "../contract/databases.ts";
import { s3Missing, startS3 } from "../contract/s3-server.ts";
import type { ReplicasWish } from "./replicas.ts";

/** Why replicas cannot be had here; null where they can. */
export const scaleMissing: string | null =
  binaries() === null ? "no PostgreSQL server here: install one" : s3Missing;

/** A PostgreSQL server, an S3 server and a folder, all of them new. */
export interface ScaleHome {
  readonly dir: string;
  readonly databaseUrl: string;
  readonly endpoint: string;
  /** The configuration with the database and a bucket of this home in it. */
  place(config: ServerConfig): ServerConfig;
  close(): Promise<void>;
}

const BUCKET = "plumbline";

export const openScaleHome = async (): Promise<ScaleHome> => {
  const dir = mkdtempSync(join(tmpdir(), "plumbline-scale-"));
  const [database, store] = await Promise.all([startServer(binaries() ?? ""), startS3()]);
  await store.bucket(BUCKET);
  const s3 = { endpoint: store.endpoint, region: null, pathStyle: true, sse: null, kmsKey: null };
  return {
    dir,
    databaseUrl: database.url,
    endpoint: store.endpoint,
    place: (config) => ({
      ...config,
      databaseUrl: database.url,
      artifacts: `s3://${BUCKET}/team`,
      s3,
    }),
    close: async () => {
      await Promise.all([database.stop(), store.stop()]);
      rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

/** The story's stage in such a home; `start` says which processes its service is. */
export const openScaleStage = (
  { dir, place }: ScaleHome,
  start: (parts: Omit<ReplicasWish, "roles">) => Promise<StageService>,
): Promise<Stage> =>
  openStage({
    ...{ dir, cacheDir: defaultCacheDir(process.env), env: process.env, version: "0.0.0", change: place },
    start: (config, mirror, env) => start({ dir, config, mirror, env }),
  });

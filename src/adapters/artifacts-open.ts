import { join } from "node:path";
import type { S3Settings } from "../model/config.ts";
import { PlumblineError } from "../model/errors.ts";
import { createDirectoryStore } from "./artifacts-directory.ts";
import type { SealedStore } from "./artifacts-sealed.ts";

export interface ArtifactsPlace {
  /** An absolute folder, or `s3://BUCKET/PREFIX`. */
  readonly artifacts: string;
  readonly s3?: S3Settings;
}

/** The store that the configuration names; a bucket is asked for, see `openS3Store` for its failures. */
export const openStore = async (
  { artifacts, s3 }: ArtifactsPlace,
  env: Readonly<Record<string, string | undefined>>,
): Promise<SealedStore> => {
  if (!artifacts.startsWith("s3://")) return createDirectoryStore(join(artifacts));
  const [bucket = "", ...rest] = artifacts.slice("s3://".length).split("/");
  const prefix = rest.filter((part) => part !== "").join("/");
  const given = s3 ?? { endpoint: null, region: null, pathStyle: false, sse: null, kmsKey: null };
  const { openS3Store } = await import("./artifacts-s3.ts");
  return openS3Store({ ...given, region: regionOf(given, env), bucket, prefix });
};

/** AWS wants a region; other stores do not mind which. */
const regionOf = (
  { region, endpoint }: S3Settings,
  env: Readonly<Record<string, string | undefined>>,
): string => {
  const named = region ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"];
  if (named) return named;
  if (endpoint !== null) return "us-east-1";
  throw new PlumblineError("config-invalid", "The bucket's region is not known.", {
    hint: "Give s3.region, PLUMBLINE_S3_REGION or AWS_REGION.",
  });
};

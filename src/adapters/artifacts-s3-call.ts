import type { S3Client, S3ClientConfig } from "@aws-sdk/client-s3";
import type { S3Settings } from "../model/config.ts";

export interface S3Place extends S3Settings {
  readonly bucket: string;
  /** Every key lies below it, whatever it holds; without a slash at either end, empty for the whole bucket. */
  readonly prefix: string;
  /** The SDK's own chain (variables, files, roles) where left out. */
  readonly credentials?: S3ClientConfig["credentials"];
  /** How often a call is tried; 5 where left out. */
  readonly attempts?: number;
}

type Sdk = typeof import("@aws-sdk/client-s3");

/** What every call needs. */
export interface S3Call {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly bucket: string;
  readonly sealing: { readonly ServerSideEncryption?: "AES256" | "aws:kms"; readonly SSEKMSKeyId?: string };
  /** Objects of more bytes go up in parts. */
  readonly singleBytes: number;
}

const SINGLE_BYTES = 8 * 1024 * 1024;

/** The SDK takes half a second to load, so that only who has a bucket waits for it. */
export const openS3Call = async (place: S3Place): Promise<S3Call> => {
  const sdk = await import("@aws-sdk/client-s3");
  const client = new sdk.S3Client({
    ...(place.region === null ? {} : { region: place.region }),
    ...(place.endpoint === null ? {} : { endpoint: place.endpoint }),
    ...(place.credentials === undefined ? {} : { credentials: place.credentials }),
    forcePathStyle: place.pathStyle,
    maxAttempts: place.attempts ?? 5,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000, throwOnRequestTimeout: true },
  });
  const kms = place.kmsKey === null ? {} : { SSEKMSKeyId: place.kmsKey };
  return {
    ...{ sdk, client, bucket: place.bucket, singleBytes: SINGLE_BYTES },
    sealing: place.sse === null ? {} : { ServerSideEncryption: place.sse, ...kms },
  };
};

import { segmentsOf } from "./artifacts-paths.ts";
import { openS3Call, type S3Call, type S3Place } from "./artifacts-s3-call.ts";
import { asStoreError, isAbsent } from "./artifacts-s3-errors.ts";
import { proveMatch, proveNoneMatch } from "./artifacts-s3-probe.ts";
import { putOnce } from "./artifacts-s3-put.ts";
import { replaceObject } from "./artifacts-s3-replace.ts";
import type { SealedStore } from "./artifacts-sealed.ts";

/**
 * Sealed artifacts as objects of a bucket, written with `If-None-Match: *`. At the start it is proven that the store
 * honours that, or else it is refused as `store-unfit`: an object could be replaced under a plan that was approved. Some
 * stores know no `If-Match`, which only `replace` needs: that is proven before the first one.
 * Other failures: `store-unavailable` (try later), `store-refused` (no such bucket, no permission), `path-escapes`.
 */
export const openS3Store = async (place: S3Place): Promise<SealedStore> => {
  const call = await openS3Call(place);
  const store = storeOver(call, place.prefix);
  await proveNoneMatch(call, belowOf(place.prefix));
  return store;
};

const storeOver = (call: S3Call, prefix: string): SealedStore => {
  const { sdk, client, bucket: Bucket } = call;
  const below = belowOf(prefix);
  let proven: Promise<void> | null = null;
  const at = (key: string): string => below + segmentsOf(key).join("/");
  return {
    putOnce: async (key, sealed) => putOnce(call, at(key), sealed),
    get: async (key) => {
      const Key = at(key);
      try {
        const { Body } = await client.send(new sdk.GetObjectCommand({ Bucket, Key }));
        return (await Body?.transformToByteArray()) ?? null;
      } catch (thrown) {
        if (isAbsent(thrown)) return null;
        throw asStoreError(thrown, Bucket);
      }
    },
    delete: async (key) => {
      const Key = at(key);
      try {
        await client.send(new sdk.DeleteObjectCommand({ Bucket, Key }));
      } catch (thrown) {
        if (!isAbsent(thrown)) throw asStoreError(thrown, Bucket);
      }
    },
    replace: async (key, change) => {
      const Key = at(key);
      proven ??= proveMatch(call, below);
      await proven.catch((thrown: unknown) => {
        proven = null;
        throw thrown;
      });
      return replaceObject(call, Key, change);
    },
    list: (wanted) => list(call, below, wanted),
  };
};

const belowOf = (prefix: string): string => (prefix === "" ? "" : `${prefix}/`);

async function* list(
  { sdk, client, bucket: Bucket }: S3Call,
  below: string,
  wanted: string,
): AsyncGenerator<{ key: string; bytes: number; writtenAt: Date }> {
  const Prefix = below + wanted.split("/").map(partial).join("/");
  for (let token: string | undefined; ; ) {
    const command = new sdk.ListObjectsV2Command({
      ...{ Bucket, Prefix },
      ...(token === undefined ? {} : { ContinuationToken: token }),
    });
    const page = await client.send(command).catch((thrown: unknown) => {
      throw asStoreError(thrown, Bucket);
    });
    for (const { Key = "", Size = 0, LastModified } of page.Contents ?? []) {
      const key = keyOf(Key.slice(below.length));
      if (key !== null) yield { key, bytes: Size, writtenAt: LastModified ?? new Date(0) };
    }
    token = page.NextContinuationToken;
    if (token === undefined) return;
  }
}

/** The beginning of a name as `segmentsOf` writes it. */
const partial = (segment: string): string =>
  segment === "" || segment === "." || segment === ".." ? segment : (segmentsOf(segment)[0] ?? "");

/** Null for what is no artifact: our probes, and what others put there. */
const keyOf = (name: string): string | null => {
  try {
    const key = name.split("/").map(decodeURIComponent).join("/");
    return segmentsOf(key).join("/") === name ? key : null;
  } catch {
    return null;
  }
};

import type { S3Call } from "./artifacts-s3-call.ts";
import { asStoreError, isAbsent, isTaken } from "./artifacts-s3-errors.ts";
import { putMultipart } from "./artifacts-s3-multipart.ts";
import type { Change, Replaced } from "./artifacts-sealed.ts";

/**
 * Changes an object that is as it was read (`If-Match`). The store gives it a new time of writing: what the janitor
 * removes by age stays longer for it.
 */
export const replaceObject = async (call: S3Call, Key: string, change: Change): Promise<Replaced> => {
  const { sdk, client, bucket: Bucket, sealing } = call;
  try {
    const { Body: was, ETag: IfMatch } = await client.send(new sdk.GetObjectCommand({ Bucket, Key }));
    if (!was) return "gone";
    const Body = await change(await was.transformToByteArray());
    if (Body === null) return "kept";
    if (Body.byteLength > call.singleBytes) await putMultipart(call, Key, Body, { IfMatch });
    else await client.send(new sdk.PutObjectCommand({ Bucket, Key, Body, IfMatch, ...sealing }));
    return "replaced";
  } catch (thrown) {
    if (isAbsent(thrown)) return "gone";
    if (isTaken(thrown) !== null) return "changed";
    throw asStoreError(thrown, Bucket);
  }
};

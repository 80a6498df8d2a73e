import type { S3Call } from "./artifacts-s3-call.ts";
import { asStoreError, isTaken } from "./artifacts-s3-errors.ts";
import { putMultipart } from "./artifacts-s3-multipart.ts";

const CONFLICTS = 5;

/** A conflict is another's write of the same key that has not ended: who tries again learns who won. */
export const putOnce = async (call: S3Call, Key: string, Body: Uint8Array): Promise<boolean> => {
  const { sdk, client, bucket: Bucket, sealing } = call;
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (Body.byteLength > call.singleBytes) await putMultipart(call, Key, Body, { IfNoneMatch: "*" });
      else await client.send(new sdk.PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: "*", ...sealing }));
      return true;
    } catch (thrown) {
      const taken = isTaken(thrown);
      if (taken === "taken") return false;
      if (taken !== "conflict" || attempt === CONFLICTS) throw asStoreError(thrown, Bucket);
    }
  }
};

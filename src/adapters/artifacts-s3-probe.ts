import { randomUUID } from "node:crypto";
import { PlumblineError } from "../model/errors.ts";
import type { S3Call } from "./artifacts-s3-call.ts";
import { asStoreError } from "./artifacts-s3-errors.ts";
import { putOnce } from "./artifacts-s3-put.ts";
import { replaceObject } from "./artifacts-s3-replace.ts";

/** Objects of ours that are no artifacts; no key can name them, since keys are encoded. */
const PROBES = "~probe";

const withProbe = async (
  { sdk, client, bucket: Bucket }: S3Call,
  below: string,
  prove: (Key: string) => Promise<void>,
): Promise<void> => {
  const Key = `${below}${PROBES}/${randomUUID()}`;
  try {
    await prove(Key);
  } finally {
    await client.send(new sdk.DeleteObjectCommand({ Bucket, Key })).catch(() => {});
  }
};

/** Writes a probe twice, in one piece and in parts: the second time must be refused each time. */
export const proveNoneMatch = (call: S3Call, below: string): Promise<void> =>
  withProbe(call, below, async (Key) => {
    const first = await putOnce(call, Key, Buffer.from("first"));
    const again = first && (await putOnce(call, Key, Buffer.from("second")));
    if (first && !again && !(await putOnce({ ...call, singleBytes: 0 }, Key, Buffer.from("in parts"))))
      return;
    throw new PlumblineError(
      "store-unfit",
      `The store of the bucket ${call.bucket} overwrites an object although it was told not to (If-None-Match: *).`,
    );
  });

/** Replaces a probe that another wrote meanwhile, which must be refused, and one that lies still, which must not. */
export const proveMatch = (call: S3Call, below: string): Promise<void> =>
  withProbe(call, below, async (Key) => {
    const { sdk, client, bucket: Bucket, sealing } = call;
    const write = async (text: string): Promise<void> => {
      const command = new sdk.PutObjectCommand({ Bucket, Key, Body: Buffer.from(text), ...sealing });
      await client.send(command).catch((thrown: unknown) => {
        throw asStoreError(thrown, Bucket);
      });
    };
    for (const way of [call, { ...call, singleBytes: 0 }]) {
      await write("first");
      const meanwhile = async (): Promise<Uint8Array> => {
        await write("another's");
        return Buffer.from("ours");
      };
      if ((await replaceObject(way, Key, meanwhile)) !== "changed")
        throw unfit(`The store of the bucket ${Bucket} overwrites what another wrote meanwhile (If-Match).`);
      if ((await replaceObject(way, Key, () => Buffer.from("last"))) !== "replaced")
        throw unfit(
          `The store of the bucket ${Bucket} refuses to replace what lies as it was read (If-Match).`,
        );
    }
  });

const unfit = (message: string): PlumblineError =>
  new PlumblineError("store-unfit", message, {
    hint: "Artifacts are replaced only in a store that honours `If-Match` (AWS S3, MinIO, Ceph, R2), or in a folder.",
  });

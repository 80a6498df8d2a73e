import type { CompletedPart } from "@aws-sdk/client-s3";
import type { S3Call } from "./artifacts-s3-call.ts";

/** No part but the last may have less than 5 MiB. */
const PART_BYTES = 8 * 1024 * 1024;

/** Uploads in parts, one after another; the object appears with the last call, and only under the condition. */
export const putMultipart = async (
  call: S3Call,
  Key: string,
  content: Uint8Array,
  condition: { readonly IfNoneMatch: "*" } | { readonly IfMatch: string | undefined },
): Promise<void> => {
  const { sdk, client, bucket: Bucket, sealing } = call;
  const begun = await client.send(
    new sdk.CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: "CRC32", ...sealing }),
  );
  const upload = { Bucket, Key, UploadId: begun.UploadId };
  try {
    const Parts = await uploadParts(call, upload, content);
    const ended = { ...upload, MultipartUpload: { Parts }, ...condition };
    await client.send(new sdk.CompleteMultipartUploadCommand(ended));
  } catch (thrown) {
    // Parts that nobody completes are paid for until they are thrown away.
    await client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => {});
    throw thrown;
  }
};

const uploadParts = async (
  { sdk, client }: S3Call,
  upload: { readonly Bucket: string; readonly Key: string; readonly UploadId: string | undefined },
  content: Uint8Array,
): Promise<CompletedPart[]> => {
  const parts: CompletedPart[] = [];
  for (let from = 0; from < content.byteLength; from += PART_BYTES) {
    const PartNumber = parts.length + 1;
    const Body = content.subarray(from, from + PART_BYTES);
    const { ETag, ChecksumCRC32 } = await client.send(
      new sdk.UploadPartCommand({ ...upload, PartNumber, Body }),
    );
    parts.push({ PartNumber, ETag, ChecksumCRC32 });
  }
  return parts;
};

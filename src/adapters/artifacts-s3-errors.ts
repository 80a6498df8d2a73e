import { PlumblineError } from "../model/errors.ts";

/** What an S3 error says of itself, however the store spells it. */
const factsOf = (thrown: unknown): { readonly name: string; readonly status: number } => {
  const error = (thrown ?? {}) as { name?: unknown; $metadata?: { httpStatusCode?: unknown } };
  return { name: String(error.name ?? ""), status: Number(error.$metadata?.httpStatusCode ?? 0) };
};

export const isAbsent = (thrown: unknown): boolean => {
  const { name, status } = factsOf(thrown);
  return name === "NoSuchKey" || (status === 404 && name !== "NoSuchBucket");
};

/** Whether a conditional write found the key there, or met another's write of it. */
export const isTaken = (thrown: unknown): "taken" | "conflict" | null => {
  const { name, status } = factsOf(thrown);
  if (name === "PreconditionFailed" || status === 412) return "taken";
  return name === "ConditionalRequestConflict" || status === 409 ? "conflict" : null;
};

/** Refused by the store for a reason that stays, or not reached. Texts of the SDK may hold addresses with tokens: left out. */
export const asStoreError = (thrown: unknown, bucket: string): unknown => {
  if (thrown instanceof PlumblineError) return thrown;
  const { name, status } = factsOf(thrown);
  if (status === 501)
    return new PlumblineError(
      "store-unfit",
      `The store of the bucket ${bucket} knows no conditional writes.`,
      { cause: thrown },
    );
  const stays = status >= 400 && status < 500 && ![408, 425, 429].includes(status);
  const what = [name, ...(status > 0 ? [`HTTP ${status}`] : [])].join(", ");
  if (stays || NO_ACCESS.test(name))
    return new PlumblineError("store-refused", `The store refuses the bucket ${bucket} (${what}).`, {
      cause: thrown,
    });
  return new PlumblineError(
    "store-unavailable",
    `The store of the bucket ${bucket} does not answer (${what}).`,
    {
      cause: thrown,
    },
  );
};

const NO_ACCESS =
  /^(?:CredentialsProviderError|InvalidAccessKeyId|SignatureDoesNotMatch|AccessDenied|NoSuchBucket)$/;

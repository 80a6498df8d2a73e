import { ruled } from "./leaf-rules.ts";

/** Single values of the server's configuration, each with its rule. A problem never repeats the value: it may be secret. */

export const httpUrlProblem = (text: string): string | undefined => {
  if (!URL.canParse(text)) return "This is no address such as https://plumbline.example.";
  const { protocol, username, password } = new URL(text);
  if (protocol !== "http:" && protocol !== "https:") return "This must begin with https:// or http://.";
  return username || password ? "Leave credentials out of the address; they would reach logs." : undefined;
};
export const httpUrlRule = ruled(httpUrlProblem);

export const artifactsRule = ruled((text) => {
  if (text === "") return "This must not be empty.";
  const [, scheme] = /^([a-z0-9+.-]+):\/\//i.exec(text) ?? [];
  if (scheme === undefined) return undefined;
  if (scheme !== "s3") return "Artifacts lie in a folder or in s3://BUCKET/PREFIX.";
  const [bucket = "", ...prefix] = text.slice("s3://".length).split("/");
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    return "Write s3://BUCKET/PREFIX with the name of a bucket.";
  return prefix.every((part) => /^[\w.=+-]*$/.test(part) && part !== "." && part !== "..")
    ? undefined
    : "The prefix holds letters, digits, `-`, `_`, `.`, `=` and `+`, parted by `/`.";
});

export const repoPatternRule = ruled((text) =>
  /^[A-Za-z0-9][\w.-]*\/(\*|[\w.-]*\*?)$/.test(text) && !text.endsWith("/")
    ? undefined
    : "Write OWNER/REPO, or OWNER/* for all of an owner.",
);

export const variableName = ruled((name) =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? undefined : "This is no name of a variable.",
);

export const instanceKeyRule = ruled((text) =>
  instanceKey(text) ? undefined : "A key is 32 bytes as 64 hex digits or as base64.",
);

/** The bytes of a key in hex or base64 (also its form for URLs); `undefined` when it does not hold 32. */
export const instanceKey = (text: string): Uint8Array | undefined => {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return new Uint8Array(Buffer.from(trimmed, "hex"));
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return undefined;
  return new Uint8Array(Buffer.from(trimmed, "base64"));
};

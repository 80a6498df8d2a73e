import { createHmac, timingSafeEqual } from "node:crypto";

/** What a comment or issue of ours is: its kind (`plan`, `reply:12`) and what it is about (`acme/infra#4`). */
export interface Marker {
  readonly kind: string;
  readonly subject: string;
}

/** A hidden line that only this instance can write, so that it finds its own comments again. Invisible when rendered. */
export const renderMarker = ({ kind, subject }: Marker, key: Uint8Array): string => {
  const content = Buffer.from(JSON.stringify([kind, subject])).toString("base64url");
  return `<!-- plumbline:${content}.${seal(content, key)} -->`;
};

const MARKER = /<!-- plumbline:([\w-]+)\.([\w-]+) -->/g;

/** Reads back the last marker of a body that this instance wrote; null where there is none or it was forged. */
export const parseMarker = (body: string, key: Uint8Array): Marker | null => {
  const genuine = [...body.matchAll(MARKER)].filter(([, content = "", given = ""]) =>
    isSame(seal(content, key), given),
  );
  const content = genuine.at(-1)?.[1];
  return content === undefined ? null : markerIn(content);
};

const seal = (content: string, key: Uint8Array): string =>
  createHmac("sha256", key).update(`marker:${content}`).digest("base64url").slice(0, 32);

const isSame = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right));

const markerIn = (content: string): Marker | null => {
  const read: unknown = JSON.parse(Buffer.from(content, "base64url").toString());
  if (!Array.isArray(read)) return null;
  const [kind, subject] = read as unknown[];
  return typeof kind === "string" && typeof subject === "string" ? { kind, subject } : null;
};

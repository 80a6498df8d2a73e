import type { ArtifactRef } from "../ports/artifacts.ts";

/** A run keeps its log's reference as one text: key, SHA-256 and size. */
export const writeLogRef = ({ key, sha256, bytes }: ArtifactRef): string => `${key}#${sha256}#${bytes}`;

export const readLogRef = (text: string): ArtifactRef | null => {
  const [key, sha256, bytes] = text.split("#");
  return key && sha256 && bytes ? { key, sha256, bytes: Number(bytes) } : null;
};

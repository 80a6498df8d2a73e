import type { Part } from "./structure.ts";
import { BLOCK_PARTS, JSON_PARTS } from "./structure-blocks.ts";
import { FORMAT_PARTS } from "./structure-format.ts";
import { DELETED_PARTS, INSTANCE_PARTS } from "./structure-instances.ts";
import { KEPT_PARTS } from "./structure-kept.ts";
import { NESTED_PARTS } from "./structure-nested.ts";

export interface Batch {
  readonly name: string;
  readonly engine: "terraform" | "tofu";
  readonly parts: readonly Part[];
}

export const BATCHES: readonly Batch[] = [
  { name: "nested blocks", engine: "terraform", parts: [...BLOCK_PARTS, ...FORMAT_PARTS] },
  { name: "JSON syntax", engine: "tofu", parts: JSON_PARTS },
  { name: "one of several instances", engine: "terraform", parts: INSTANCE_PARTS },
  { name: "nested attributes", engine: "terraform", parts: NESTED_PARTS },
  { name: "deleted", engine: "tofu", parts: [...DELETED_PARTS, ...KEPT_PARTS] },
];

export const PARTS: readonly Part[] = BATCHES.flatMap(({ parts }) => parts);

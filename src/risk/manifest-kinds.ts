import { cloudKinds } from "./kinds-cloud.ts";
import { databaseKinds } from "./kinds-databases.ts";
import { otherKinds } from "./kinds-others.ts";
import { volumeKinds } from "./kinds-volumes.ts";
import type { KindRule } from "./manifest-rule.ts";

/** Kinds that keep something, and what about them is dangerous. */
export const KINDS: readonly KindRule[] = [
  ...volumeKinds(),
  ...databaseKinds(),
  ...otherKinds(),
  ...cloudKinds(),
];

import type { Edit } from "../hcl/edit.ts";
import type { Expression } from "../hcl/syntax.ts";
import type { Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";
import type { Scope } from "./configuration.ts";

/** Take the element away. */
export const DELETE: unique symbol = Symbol("delete");
export type Want = Json | typeof DELETE;

/**
 * How far an edit may travel: along references to their source, no farther than the reference itself, or to the source
 * but into the workspace's own variable file rather than into one that others are given too.
 */
export type Reach = "source" | "here" | "own";

export interface PutContext {
  readonly scope: Scope;
  readonly reach: Reach;
  /** What the plan says that the changed part is now; where it is not told, the code alone counts. */
  readonly before?: Json | undefined;
  /** References already gone through, against circles. */
  readonly seen: readonly string[];
  /** The way back in, for parts. */
  readonly put: Put;
}

/** The edits after which `expression` has `want` at `path`. @throws Refusal where there are none. */
export type Put = (expression: Expression, path: Path, want: Want, context: PutContext) => readonly Edit[];

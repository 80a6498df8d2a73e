import type { WayOut } from "../../model/half-way.ts";
import type { WorkspaceDetail } from "../../model/reading.ts";

/** A workspace as the API tells it. */
export interface WorkspaceAnswer extends WorkspaceDetail {
  /** Comments that end a freeze after a failed migration; empty where there is none. */
  readonly waysOut: readonly WayOut[];
}

import { openRoot } from "./configuration.ts";
import type { Change, CodifyFacts, Proposed, RefusedPlace } from "./facts.ts";
import { influenceIn } from "./influence.ts";
import { vanishedIn } from "./removal.ts";
import { resourceChanges } from "./resource-changes.ts";
import { resourceSchema } from "./schema.ts";

/**
 * What the code must say so that it agrees with the live system: one change per attribute or block, each with its
 * ways from most natural to least, and what cannot be said with the reason. Nothing here is proven yet.
 */
export const codify = ({ code, resources, schemas }: CodifyFacts): Proposed => {
  const root = openRoot(code);
  const changes: Change[] = [];
  const refused: RefusedPlace[] = [];
  const vanished = vanishedIn(resources);
  for (const resource of resources) {
    const proposal = resourceChanges(
      root,
      resource,
      resourceSchema(schemas, resource.provider, resource.type),
      vanished,
    );
    changes.push(...proposal.changes);
    refused.push(...proposal.refused);
  }
  return { changes, refused, influence: influenceIn(root) };
};

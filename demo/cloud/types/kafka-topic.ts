import { ID, N, optional, type ResourceType, required, S, STRING_MAP, shrinks } from "../schema.ts";

/** `config` holds the broker's settings as text, such as `"retention.ms" = "604800000"`. */
export const kafkaTopic: ResourceType = {
  id: (topic) => String(topic["name"]),
  check: ({ partitions, replication_factor: replicas }) => ({
    ...(typeof partitions === "number" && partitions < 1 ? { partitions: "at least 1" } : {}),
    ...(typeof replicas === "number" && replicas < 1 ? { replication_factor: "at least 1" } : {}),
  }),
  attributes: {
    id: ID,
    name: required(S, { replace: true }),
    partitions: required(N, { replace: shrinks }),
    replication_factor: required(N, { replace: true }),
    config: optional(STRING_MAP),
  },
};

import {
  type Attributes,
  B,
  ID,
  N,
  nested,
  optional,
  type ResourceType,
  required,
  S,
  STRINGS,
} from "../schema.ts";

/** The cloud chooses it where the code is silent. */
const weight = { type: N, optional: true, computed: true } as const;
const route: Attributes = { topic: required(S), weight, tags: optional(STRINGS) };

/** Nested attributes of every kind, as providers of plugin protocol 6 have them in place of blocks. */
export const kafkaConnector: ResourceType = {
  id: (connector) => String(connector["name"]),
  attributes: {
    id: ID,
    name: required(S, { replace: true }),
    retry: nested("single", {
      attempts: required(N),
      jitter: optional(B),
      backoff: nested("single", { seconds: required(N) }),
    }),
    routes: nested("list", route),
    hosts: nested("set", { host: required(S), port: optional(N) }),
    limits: nested("map", { rate: required(N), burst: optional(N) }),
  },
};

import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import { type Evidence, evidenceSchema } from "./evidence-schema.ts";

/**
 * A bundle as it was written, in today's shape; null where it is none. What bundles of older versions did not say yet
 * is null, which is not the same as empty.
 */
export const readEvidenceBundle = (value: Json): Evidence | null => {
  const current = isJsonObject(value) ? todays(value) : value;
  const parsed = evidenceSchema.safeParse(current);
  return parsed.success ? parsed.data : null;
};

const todays = (bundle: JsonObject): JsonObject => {
  if (bundle["version"] === 2) return ofVersion4(ofVersion3(ofVersion2(bundle)));
  if (bundle["version"] === 3) return ofVersion4(ofVersion3(bundle));
  return bundle["version"] === 4 ? ofVersion4(bundle) : bundle;
};

const ofVersion4 = (bundle: JsonObject): JsonObject => ({
  ...bundle,
  version: 5,
  database: null,
  migrations: null,
  verification: { schemaCheck: null, schemaDigest: null, ...objectOf(bundle["verification"]) },
});

const ofVersion3 = (bundle: JsonObject): JsonObject => ({
  ...bundle,
  version: 4,
  approvals: listed(bundle["approvals"]).map((one) => ({ places: null, ...one })),
  migration: null,
  compatibility: null,
  recovery: { by: null, codeBefore: null, ...objectOf(bundle["recovery"]) },
  verification: { health: null, ...objectOf(bundle["verification"]) },
});

const objectOf = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});

const ofVersion2 = (bundle: JsonObject): JsonObject => ({
  ...bundle,
  version: 3,
  systems: bundle["systems"] ?? null,
  context: bundle["context"] ?? null,
  policies: policiesOf(bundle["policies"]),
  stateBefore: stateOf(bundle["stateBefore"]),
  stateAfter: stateOf(bundle["stateAfter"]),
  approvals: listed(bundle["approvals"]).map((one) => ({ ...one, reason: null })),
});

const stateOf = (state: Json | undefined): Json => (isJsonObject(state) ? { format: null, ...state } : null);

/** The first bundles named no sets. */
const policiesOf = (policies: Json | undefined): Json => {
  if (!isJsonObject(policies)) return null;
  const named = (name: string): Json => listed(policies[name]).map((one) => ({ set: "", ...one }));
  return {
    sets: null,
    denied: named("denied"),
    warned: named("warned"),
    dryRun: named("dryRun"),
    excepted: named("excepted"),
  };
};

const listed = (list: Json | undefined): readonly JsonObject[] =>
  Array.isArray(list) ? list.filter(isJsonObject) : [];

import type { GateReason } from "../model/decision.ts";
import type { StatefulFacts } from "./stateful-facts.ts";

/** An application comes after the schema that it reads, and no migration runs as somebody who may do everything. */
export const rolloutGates = (facts: StatefulFacts): readonly GateReason[] => [
  ...schemaFirst(facts),
  ...privileged(facts),
];

const schemaFirst = (facts: StatefulFacts): readonly GateReason[] => {
  const { governance, claims, rollout, schemas = [] } = facts;
  if (!governance.schemaFirst) return [];
  const wanted = claims.claim?.requiresSchemaVersion ?? null;
  if (wanted !== null) return notApplied(wanted, schemasOf(facts, schemas));
  const { images = [], migrations = [] } = rollout ?? {};
  if (images.length === 0 || migrations.length === 0 || claims.claim?.compatibility.newReadsOld === true)
    return [];
  return [
    {
      gate: "app-before-schema",
      message:
        "This pull request rolls out a new image and brings the migration that it may need: nothing makes sure that the schema is there first.",
      wayOut:
        "Merge the migration in a pull request of its own, and this one once it is applied; or say `compatibility.new_app_reads_old_schema: true`, or the `requires_schema_version` that the image needs.",
      details: [
        ...migrations.map((path) => `migration: ${path}`),
        ...images.map(({ path, image }) => `image: ${path}: ${image}`),
      ],
    },
  ];
};

type Schemas = NonNullable<StatefulFacts["schemas"]>;

/** Where an author names the database that is meant, another one's version proves nothing. */
const schemasOf = ({ claims }: StatefulFacts, schemas: Schemas): Schemas => {
  const systems = claims.claim?.durableSystems ?? [];
  const named = schemas.filter(
    ({ database }) =>
      database !== null && systems.some((system) => system === database || system.endsWith(`.${database}`)),
  );
  return named.length > 0 ? named : schemas;
};

const notApplied = (wanted: string, schemas: Schemas): readonly GateReason[] => {
  const behind = schemas.filter(({ version }) => !reaches(version, wanted));
  if (schemas.length > 0 && behind.length === 0) return [];
  return [
    {
      gate: "app-before-schema",
      message: `The image needs schema version ${wanted}, which is not known to be applied.`,
      wayOut:
        "Merge and apply the migration first; `resource_context` tells which `schema_version` a database has.",
      details:
        schemas.length === 0
          ? ["no resource context tells the schema version of any database"]
          : behind.map(
              ({ database, version, source }) => `${database ?? "a database"} is at ${version} (${source})`,
            ),
    },
  ];
};

/** Versions of digits and dots are compared number by number; any other must be the very same. */
const reaches = (version: string, wanted: string): boolean => {
  if (version === wanted) return true;
  const [have, need] = [numbersOf(version), numbersOf(wanted)];
  if (!have || !need) return false;
  for (let at = 0; at < Math.max(have.length, need.length); at += 1) {
    const [left, right] = [have[at] ?? 0n, need[at] ?? 0n];
    if (left !== right) return left > right;
  }
  return true;
};

const numbersOf = (version: string): readonly bigint[] | null =>
  /^[vV]?\d+([._]\d+)*$/.test(version) ? version.replace(/^v/i, "").split(/[._]/).map(BigInt) : null;

const privileged = ({ governance, claims, rollout }: StatefulFacts): readonly GateReason[] => {
  const denied = new Set(governance.privilegedIdentities.map((name) => name.toLowerCase()));
  const said = claims.claim?.migration.identity ?? null;
  const all = [
    ...(rollout?.identities ?? []),
    ...(said === null ? [] : [{ path: "migration.identity", user: said }]),
  ].filter(({ user }) => denied.has(user.toLowerCase()));
  if (all.length === 0) return [];
  return [
    {
      gate: "migration-privileged",
      message: "Migrations would run as somebody who may do everything in the database.",
      wayOut:
        "Let them run as a user of their own that may change this schema and nothing else; `governance.privileged_identities` lists who counts as privileged.",
      details: all.map(({ path, user }) => `${path}: ${user}`),
    },
  ];
};

/** What is no reason to stop and still makes a migration a guess. */
export const rolloutWarnings = ({
  changes,
  claims,
  rollout,
  context = [],
}: StatefulFacts): readonly string[] => {
  const { migrations = [] } = rollout ?? {};
  // A plan of migrations asked the database itself.
  const sized = new Set(context.flatMap(({ tables }) => Object.keys(tables).map(bareName)));
  const unsized = (rollout?.unsized ?? []).filter((table) => !sized.has(bareName(table)));
  const heavy = changes.some(
    ({ class: level, place }) => level >= "R2" && migrations.some((path) => place.startsWith(path)),
  );
  const untimed = heavy && (claims.claim?.migration.estimatedRuntime ?? null) === null;
  return [
    ...(untimed
      ? ["Nobody says how long the migration takes: `migration.estimated_runtime` is missing."]
      : []),
    ...(unsized.length > 0
      ? [
          `Nobody says how large ${unsized.map((name) => `\`${name}\``).join(", ")} ${unsized.length === 1 ? "is" : "are"}: \`resource_context\` has no rows and no size.`,
        ]
      : []),
  ];
};

const bareName = (table: string): string => table.slice(table.lastIndexOf(".") + 1).toLowerCase();

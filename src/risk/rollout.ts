import { isJsonObject, type Json } from "../model/json.ts";
import type { ResourceContext } from "../model/resource-context.ts";
import type { FileChange, FileFinding, Rollout } from "../model/stateful-change.ts";
import { documentsIn } from "./yaml-documents.ts";

/**
 * What changed files say of the application beside its data: images that are rolled out anew, migrations that come with
 * them, as which database user those run, and tables that they hold up and nobody has told the size of.
 */
export const rolloutOf = (
  changes: readonly FileChange[],
  findings: readonly FileFinding[],
  context: Pick<ResourceContext, "entries">,
): Rollout => {
  const live = changes.filter(({ path, before, after }) => before !== after && !NOT_DEPLOYED.test(path));
  const migrating = findings.filter(({ rule, line }) => /^(sql|migration)-/.test(rule) || line !== undefined);
  return {
    images: live.flatMap(newImages),
    migrations: [...new Set(migrating.filter(isForward).map(({ path }) => path))],
    identities: live.flatMap(identitiesIn),
    unsized: unsizedTables(findings, context),
  };
};

/** Whether a path may name the database user of a migration tool beside what else is judged. */
export const isMigrationSettings = (path: string): boolean =>
  /(^|\/)(flyway[^/]*\.(conf|toml)|liquibase[^/]*\.properties|alembic\.ini)$/i.test(path);

// What builds and tests an application rolls nothing out.
const NOT_DEPLOYED =
  /(^|\/)(\.github|\.gitlab|\.circleci|node_modules|test|tests)\/|(^|\/)\.gitlab-ci\.ya?ml$/;

// An edit or a deletion of an old migration brings no schema; it has findings of its own.
const isForward = ({ rule, path }: FileFinding): boolean =>
  rule !== "migration-deleted" &&
  /\.(sql|psql|ddl|py|rb|js|mjs|cjs|ts|php|go|cs|kt|java|exs?|xml|ya?ml|json)$/i.test(path);

/** An image that was there before is no news, wherever in the file it stands now. */
const newImages = ({ path, before, after }: FileChange): Rollout["images"] => {
  if (after === null) return [];
  const old = new Set(before === null ? [] : imagesIn(path, before));
  return [...new Set(imagesIn(path, after))]
    .filter((image) => !old.has(image))
    .map((image) => ({ path, image }));
};

const imagesIn = (path: string, text: string): readonly string[] => {
  if (/\.(tf|tofu)(\.json)?$/i.test(path))
    return [...text.matchAll(CODE_IMAGE)].map((match) => match[1] ?? "");
  if (!/\.(ya?ml|json)$/i.test(path)) return [];
  return (documentsIn(text) ?? []).flatMap(imagesBelow);
};

const CODE_IMAGE = /\b(?:image|image_uri|container_image|image_tag)"?\s*[=:]\s*"((?:[^"\\]|\\.)*)"/g;
const TAGS: ReadonlySet<string> = new Set(["imageTag", "image_tag", "newTag"]);

const imagesBelow = (value: Json): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(imagesBelow);
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, held]) => {
    if ((key === "image" || TAGS.has(key)) && isName(held)) return [String(held)];
    if (key === "image" && isJsonObject(held)) return partsOf(held);
    return imagesBelow(held);
  });
};

/** A chart tells an image in parts. */
const partsOf = (image: { readonly [key: string]: Json }): readonly string[] => {
  const parts = [image["repository"], image["tag"] ?? image["version"], image["digest"]].filter(isName);
  return parts.length === 0 ? [] : [parts.map(String).join(":")];
};

const isName = (value: Json | undefined): value is string | number =>
  (typeof value === "string" && value !== "") || typeof value === "number";

const RUNS_MIGRATIONS = /\b(flyway|liquibase|alembic|dbmate|goose|sqitch|migrat\w*)\b/i;
const USER =
  "(?:FLYWAY_USER|LIQUIBASE_COMMAND_USERNAME|PGUSER|DB_USER(?:NAME)?|DATABASE_USER(?:NAME)?|SPRING_(?:DATASOURCE|FLYWAY)_USER(?:NAME)?)";
const NAMED = String.raw`["']?([\w.-]+)["']?`;

/** `NAME: user`, the same as Kubernetes writes it in two lines, settings of tools, and addresses that name a user. */
const IDENTITIES: readonly RegExp[] = [
  new RegExp(String.raw`\b${USER}["']?\s*[:=]\s*${NAMED}`, "g"),
  new RegExp(String.raw`\bname:\s*["']?${USER}["']?\s*\n\s*value:\s*${NAMED}`, "g"),
  new RegExp(String.raw`^\s*(?:flyway\.)?user(?:name)?\s*[:=]\s*${NAMED}`, "gm"),
  /\b(?:postgres(?:ql)?|mysql|mariadb)(?:\+\w+)?:\/\/([\w.-]+)[:@]/g,
  /\bjdbc:[^\s"']*[?&;]user=([\w.-]+)/g,
];

const identitiesIn = ({ path, after }: FileChange): Rollout["identities"] => {
  if (after === null || !(isMigrationSettings(path) || RUNS_MIGRATIONS.test(after))) return [];
  const users = IDENTITIES.flatMap((pattern) => [...after.matchAll(pattern)].map((match) => match[1] ?? ""));
  return [...new Set(users)].map((user) => ({ path, user }));
};

const TABLE =
  /^(?:alter\s+table|update|delete\s+from|truncate(?:\s+table)?|create\s+(?:unique\s+)?index\b.*?\bon|cluster|lock(?:\s+table)?)\s+(?:if\s+exists\s+)?(?:only\s+)?["`]?([\w$]+(?:["`]?\.["`]?[\w$]+)?)/i;

const unsizedTables = (
  findings: readonly FileFinding[],
  { entries }: Pick<ResourceContext, "entries">,
): readonly string[] => {
  const sized = new Set(
    entries.flatMap(({ tables }) =>
      Object.entries(tables).flatMap(([name, { rows, sizeGb }]) =>
        rows === null && sizeGb === null ? [] : [bare(name)],
      ),
    ),
  );
  const named = findings
    .filter((one) => one.class >= "R2")
    .flatMap(({ subject }) => TABLE.exec(subject)?.[1]?.replaceAll(/["`]/g, "") ?? []);
  return [...new Set(named)].filter((table) => !sized.has(bare(table)));
};

const bare = (table: string): string => table.slice(table.lastIndexOf(".") + 1).toLowerCase();

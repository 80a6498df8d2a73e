/**
 * Whether an audit entry is about the resource that has this name and Terraform type: the same service, and either the
 * same path of at least a collection and a name, or the same name in the collection of this type. `resourceName` is a
 * path without the service (`projects/P/global/firewalls/web`), so that topics and buckets may share its last step:
 * https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog
 */
export const isSameGoogleResource = (
  entry: { readonly service: string; readonly resource: string },
  type: string,
  name: string,
): boolean => {
  if (entry.service !== googleServiceOf(type)) return false;
  const [longer, shorter] =
    entry.resource.length >= name.length ? [entry.resource, name] : [name, entry.resource];
  if (shorter === "" || !(longer === shorter || longer.endsWith(`/${shorter}`))) return false;
  return shorter.includes("/") || collectionOf(entry.resource) === nounOf(type);
};

export const lastStep = (name: string): string => name.split("/").at(-1) ?? name;

/** In the singular, without capitals: `backendservice` of `.../backendServices/web`; null where there is none. */
const collectionOf = (resource: string): string | null => {
  const collection = resource.split("/").at(-2);
  return collection === undefined ? null : singular(collection.toLowerCase());
};

const singular = (word: string): string =>
  /ies$/.test(word) ? `${word.slice(0, -3)}y` : word.replace(/(?<=ss|x|ch|sh)es$|s$/, "");

/** Types whose word is not that of their collection. */
const NOUNS: Readonly<Record<string, string>> = { google_sql_database_instance: "instance" };

/** What is left of a type without its service and how far it reaches: `google_compute_region_disk`: `disk`. */
const nounOf = (type: string): string =>
  NOUNS[type] ??
  type
    .split("_")
    .slice(2)
    .filter((word) => word !== "region" && word !== "global")
    .join("");

/** Services whose name is no part of the resource types. */
const SERVICES: Readonly<Record<string, string>> = {
  sql: "cloudsql",
  kms: "cloudkms",
  project: "cloudresourcemanager",
  folder: "cloudresourcemanager",
  organization: "cloudresourcemanager",
  service: "iam",
  secret: "secretmanager",
  cloudfunctions: "cloudfunctions",
  cloudfunctions2: "cloudfunctions",
  cloud: "run",
  artifact: "artifactregistry",
  filestore: "file",
};

/** `google_sql_database_instance`: `cloudsql.googleapis.com`. Null where the type has no second word. */
export const googleServiceOf = (type: string): string | null => {
  const [, word] = type.split("_");
  return word === undefined || word === "" ? null : `${SERVICES[word] ?? word}.googleapis.com`;
};

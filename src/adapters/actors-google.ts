import { isJsonObject, type Json } from "../model/json.ts";
import type { ActorLookup, ActorQuestion } from "../ports/actor-lookup.ts";
import { type AuditEvent, newestActor } from "./actors-event.ts";
import { callJson, listIn, member, text } from "./cloud-call.ts";
import type { TokenPlace, TokenSource } from "./cloud-token.ts";

export interface GoogleAuditOptions {
  readonly projects: readonly string[];
  /** `https://logging.googleapis.com`, or a private endpoint. */
  readonly endpoint: string;
  /** Parts of e-mail addresses of service accounts whose calls are Plumbline's own. */
  readonly ownPrincipals: readonly string[];
  readonly token: TokenSource;
}

const NAME = "Google Cloud Audit Logs";
const PAGE = 50;
const MOST_NAMES = 3;

/** Of the machine or the workload identity that it runs as. */
export const GOOGLE_TOKEN: TokenPlace = {
  url: "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token",
  headers: { "metadata-flavor": "Google" },
};

/**
 * Google Cloud's Admin Activity logs by `entries.list` of Cloud Logging: the last call that names the resource (exact),
 * else the last one to its service (guess). They are always on and hold 400 days, some seconds late.
 */
export const googleAuditLookup = (options: GoogleAuditOptions): ActorLookup => ({
  name: NAME,
  covers: (type) => type.startsWith("google_"),
  find: async (question, signal) => {
    for (const name of question.names.slice(0, MOST_NAMES)) {
      const fits = await entries(
        options,
        question,
        `protoPayload.resourceName:${quoted(lastStep(name))}`,
        signal,
      );
      const events = fits.filter(({ resource }) => isSameResource(resource, name));
      const found = newestActor(events, options.ownPrincipals, { confidence: "exact", source: NAME });
      if (found) return found;
    }
    const service = serviceOf(question.type);
    if (service === null) return null;
    const all = await entries(options, question, `protoPayload.serviceName=${quoted(service)}`, signal);
    return newestActor(all, options.ownPrincipals, { confidence: "guess", source: NAME });
  },
});

type Entry = AuditEvent & { readonly resource: string };

const entries = async (
  { projects, endpoint, token }: GoogleAuditOptions,
  { from, to }: Pick<ActorQuestion, "from" | "to">,
  about: string,
  signal: AbortSignal,
): Promise<readonly Entry[]> => {
  const answer = await callJson({
    url: `${endpoint}/v2/entries:list`,
    token: await token(signal),
    signal,
    body: {
      resourceNames: projects.map((project) => `projects/${project}`),
      filter: [
        'log_id("cloudaudit.googleapis.com/activity")',
        `timestamp>=${quoted(from.toISOString())}`,
        `timestamp<=${quoted(to.toISOString())}`,
        about,
      ].join(" AND "),
      orderBy: "timestamp desc",
      pageSize: PAGE,
    },
  });
  return listIn(answer, "entries").flatMap(readEntry);
};

/** https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog */
const readEntry = (entry: Json): readonly Entry[] => {
  const payload = member(entry, "protoPayload");
  const status = member(payload, "status");
  const who = text(member(payload, "authenticationInfo"), "principalEmail");
  const at = new Date(text(entry, "timestamp") ?? "");
  const name = text(payload, "methodName");
  // A status with a code is a call that failed.
  const failed = isJsonObject(status) && Number(status["code"] ?? 0) !== 0;
  if (failed || name === null || Number.isNaN(at.getTime())) return [];
  return [{ name, at, who: who ?? "somebody unknown", resource: text(payload, "resourceName") ?? "" }];
};

const lastStep = (name: string): string => name.split("/").at(-1) ?? name;

/** Whole steps of the path: `web` is not `web-2`. */
const isSameResource = (resource: string, name: string): boolean => {
  const [longer, shorter] = resource.length >= name.length ? [resource, name] : [name, resource];
  return shorter !== "" && (longer === shorter || longer.endsWith(`/${shorter}`));
};

const quoted = (value: string): string => JSON.stringify(value);

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

/** `google_sql_database_instance`: `cloudsql.googleapis.com`. */
const serviceOf = (type: string): string | null => {
  const [, word] = type.split("_");
  return word === undefined || word === "" ? null : `${SERVICES[word] ?? word}.googleapis.com`;
};

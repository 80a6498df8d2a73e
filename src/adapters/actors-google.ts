import { isJsonObject, type Json } from "../model/json.ts";
import type { ActorLookup, ActorQuestion } from "../ports/actor-lookup.ts";
import { type AuditEvent, newestActor } from "./actors-event.ts";
import { googleServiceOf, isSameGoogleResource, lastStep } from "./actors-google-names.ts";
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
 * Google Cloud's Admin Activity logs by `entries.list` of Cloud Logging: the last call on a resource of this type and
 * name (exact), else the last one that names something of its service so, else the last one to its service (guess). They are always on and hold 400 days, some seconds late.
 */
export const googleAuditLookup = (options: GoogleAuditOptions): ActorLookup => ({
  name: NAME,
  covers: (type) => type.startsWith("google_"),
  find: async (question, signal) => {
    const service = googleServiceOf(question.type);
    const alike: Entry[] = [];
    for (const name of question.names.slice(0, MOST_NAMES)) {
      const fits = await entries(
        options,
        question,
        `protoPayload.resourceName:${quoted(lastStep(name))}`,
        signal,
      );
      const same = fits.filter((one) => isSameGoogleResource(one, question.type, name));
      const found = newestActor(same, options.ownPrincipals, { confidence: "exact", source: NAME });
      if (found) return found;
      alike.push(
        ...fits.filter((one) => one.service === service && lastStep(one.resource) === lastStep(name)),
      );
    }
    const guess = { confidence: "guess", source: NAME } as const;
    const named = newestActor(alike, options.ownPrincipals, guess);
    if (named || service === null) return named;
    const all = await entries(options, question, `protoPayload.serviceName=${quoted(service)}`, signal);
    return newestActor(all, options.ownPrincipals, guess);
  },
});

type Entry = AuditEvent & { readonly service: string; readonly resource: string };

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

/**
 * A LogEntry (https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry) whose `protoPayload` is an AuditLog:
 * https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog
 */
const readEntry = (entry: Json): readonly Entry[] => {
  const payload = member(entry, "protoPayload");
  const status = member(payload, "status");
  const who = text(member(payload, "authenticationInfo"), "principalEmail");
  const at = new Date(text(entry, "timestamp") ?? "");
  const name = text(payload, "methodName");
  // A status with a code is a call that failed.
  const failed = isJsonObject(status) && Number(status["code"] ?? 0) !== 0;
  if (failed || name === null || Number.isNaN(at.getTime())) return [];
  const [service, resource] = [text(payload, "serviceName") ?? "", text(payload, "resourceName") ?? ""];
  return [{ name, at, who: who ?? "somebody unknown", service, resource }];
};

const quoted = (value: string): string => JSON.stringify(value);

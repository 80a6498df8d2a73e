import type { Json } from "../model/json.ts";
import type { ActorLookup, ActorQuestion } from "../ports/actor-lookup.ts";
import { type AuditEvent, newestActor } from "./actors-event.ts";
import { callJson, listIn, member, text } from "./cloud-call.ts";
import type { TokenPlace, TokenSource } from "./cloud-token.ts";

export interface AzureActivityOptions {
  /** `https://management.azure.com`, or that of another cloud of Azure's. */
  readonly endpoint: string;
  /** Parts of names or object ids whose calls are Plumbline's own. */
  readonly ownPrincipals: readonly string[];
  readonly token: TokenSource;
}

const NAME = "Azure Activity Log";
const MOST_PAGES = 2;

/** Of the machine's managed identity. */
export const azureToken = (endpoint: string): TokenPlace => ({
  url: `http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${encodeURIComponent(`${endpoint}/`)}`,
  headers: { metadata: "true" },
});

/**
 * Azure's Activity Log: the last writing call on the resource, whose id holds its type (exact), else the last one to its
 * resource provider in the same resource group (guess). It holds 90 days, some minutes late.
 */
export const azureActivityLookup = (options: AzureActivityOptions): ActorLookup => ({
  name: NAME,
  covers: (type) => /^(azurerm|azapi)_/.test(type),
  find: async (question, signal) => {
    const place = question.names.flatMap((name) => placeIn(name) ?? []).at(0);
    if (!place) return null;
    const own = await events(options, question, place, `resourceUri eq '${place.id}'`, signal);
    const same = own.filter(({ resource }) => resource.toLowerCase() === place.id.toLowerCase());
    const found = newestActor(same, options.ownPrincipals, { confidence: "exact", source: NAME });
    if (found || place.group === null) return found;
    const group = await events(options, question, place, `resourceGroupName eq '${place.group}'`, signal);
    const nearby = group.filter(({ provider }) => provider.toLowerCase() === place.provider.toLowerCase());
    return newestActor(nearby, options.ownPrincipals, { confidence: "guess", source: NAME });
  },
});

interface Place {
  readonly id: string;
  readonly subscription: string;
  readonly group: string | null;
  readonly provider: string;
}

/** `/subscriptions/S/resourceGroups/G/providers/Microsoft.Storage/storageAccounts/N`. A quote would end the filter. */
const placeIn = (id: string): Place | null => {
  const [, subscription, group = null, provider] =
    /^\/subscriptions\/([\w-]+)(?:\/resourceGroups\/([^/']+))?\/providers\/([^/']+)\/[^']+$/i.exec(id) ?? [];
  return subscription && provider ? { id, subscription, group, provider } : null;
};

type Entry = AuditEvent & { readonly provider: string; readonly resource: string };

const events = async (
  { endpoint, token }: AzureActivityOptions,
  { from, to }: Pick<ActorQuestion, "from" | "to">,
  { subscription }: Place,
  about: string,
  signal: AbortSignal,
): Promise<readonly Entry[]> => {
  const span = `eventTimestamp ge '${from.toISOString()}' and eventTimestamp le '${to.toISOString()}'`;
  const query = new URLSearchParams({ "api-version": "2015-04-01", $filter: `${span} and ${about}` });
  const base = `${endpoint}/subscriptions/${subscription}/providers/Microsoft.Insights/eventtypes/management/values`;
  let next: string | null = `${base}?${query.toString().replaceAll("+", "%20")}`;
  const found: Entry[] = [];
  for (let page = 0; next !== null && page < MOST_PAGES; page += 1) {
    const answer: Json = await callJson({ url: next, token: await token(signal), signal });
    found.push(...listIn(answer, "value").flatMap(readEvent));
    next = nextOf(answer, endpoint);
  }
  return found;
};

/** Only where it leads to the same host: the token goes nowhere else. */
const nextOf = (answer: Json, endpoint: string): string | null => {
  const link = text(answer, "nextLink");
  return link !== null && URL.canParse(link) && new URL(link).origin === new URL(endpoint).origin
    ? link
    : null;
};

const WRITES = /\/(write|delete|action)$/i;
const DONE = new Set(["succeeded", "accepted", "success"]);

/**
 * https://learn.microsoft.com/rest/api/monitor/activity-logs/list, EventData: `operationName`, `status`, `category` and
 * `resourceProviderName` are localizable texts whose `value` is the invariant one; `caller` and `resourceId` are plain.
 */
const readEvent = (event: Json): readonly Entry[] => {
  const name = text(member(event, "operationName"), "value");
  const status = text(member(event, "status"), "value") ?? "";
  const at = new Date(text(event, "eventTimestamp") ?? "");
  const category = text(member(event, "category"), "value") ?? "Administrative";
  if (name === null || !WRITES.test(name) || category !== "Administrative") return [];
  if (!DONE.has(status.toLowerCase()) || Number.isNaN(at.getTime())) return [];
  const who = text(event, "caller") ?? "somebody unknown";
  const provider = text(member(event, "resourceProviderName"), "value") ?? "";
  return [{ name, at, who, provider, resource: text(event, "resourceId") ?? "" }];
};

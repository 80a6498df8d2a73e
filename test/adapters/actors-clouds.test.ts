import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createActorLookups } from "../../src/adapters/actor-lookups.ts";
import { createRedactor } from "../../src/adapters/redactor.ts";
import type { ServerConfig } from "../../src/model/config.ts";
import { at } from "../alert/bench.ts";
import { folder } from "../cli/world.ts";
import { type Received, startReceiver } from "./receiver.ts";

type Answer = { readonly status?: number; readonly body?: string };
let answer: (received: Received) => Answer = () => ({});
let receiver: Awaited<ReturnType<typeof startReceiver>>;
beforeAll(async () => {
  receiver = await startReceiver((received) => answer(received));
});
afterAll(() => receiver.close());
afterEach(() => {
  receiver.received.length = 0;
});

const redactor = createRedactor();
const TOKEN = {
  command: ["printf", "%s", '{"accessToken":"canary-token-of-a-cloud"}'],
  env: [],
  timeoutSeconds: 60,
};

const lookupOf = (actors: NonNullable<ServerConfig["actors"]>) => {
  const [lookup] = createActorLookups(actors, {
    ...{ env: { PATH: process.env["PATH"] }, redactor, clock: { now: () => at("13:00") } },
  });
  if (!lookup) throw new Error("none");
  return lookup;
};
const signal = () => AbortSignal.timeout(60_000);
const question = (type: string, names: readonly string[]) => ({
  ...{ workspace: "w", address: `${type}.main`, type, names, from: at("11:00"), to: at("13:00") },
});

/** A LogEntry of an audit log, as `entries.list` gives it. */
const logEntry = (method: string, minute: string, more: object = {}) => ({
  logName: "projects/acme-prod/logs/cloudaudit.googleapis.com%2Factivity",
  timestamp: at(minute).toISOString(),
  protoPayload: {
    "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
    serviceName: "compute.googleapis.com",
    methodName: method,
    resourceName: "projects/acme-prod/global/firewalls/web",
    authenticationInfo: { principalEmail: "dana@acme.example" },
    ...more,
  },
});

test("Google: the last call that names the resource counts; failed ones, neighbours and our own do not", async () => {
  const entries = [
    logEntry("v1.compute.firewalls.patch", "12:05", {
      authenticationInfo: { principalEmail: "plumbline@acme.iam.gserviceaccount.com" },
    }),
    logEntry("v1.compute.firewalls.patch", "12:04", {
      resourceName: "projects/acme-prod/global/firewalls/not-web",
    }),
    logEntry("v1.compute.firewalls.delete", "12:03", { status: { code: 7, message: "PERMISSION_DENIED" } }),
    logEntry("v1.compute.firewalls.patch", "12:01"),
  ];
  answer = ({ body }) => ({
    body: JSON.stringify(String(body["filter"]).includes("other") ? {} : { entries }),
  });
  const google = {
    projects: ["acme-prod"],
    endpoint: receiver.url,
    token: TOKEN,
    ownPrincipals: ["plumbline@"],
  };
  const lookup = lookupOf({ google });
  const found = { who: "dana@acme.example", action: "v1.compute.firewalls.patch", at: at("12:01") };
  expect(
    await lookup.find(
      question("google_compute_firewall", ["projects/acme-prod/global/firewalls/web"]),
      signal(),
    ),
  ).toMatchObject({
    ...{ ...found, confidence: "exact", source: "Google Cloud Audit Logs" },
  });
  expect(receiver.received[0]).toMatchObject({
    path: "/v2/entries:list",
    headers: { authorization: "Bearer canary-token-of-a-cloud" },
    body: { resourceNames: ["projects/acme-prod"], orderBy: "timestamp desc" },
  });
  expect(receiver.received[0]?.body["filter"]).toBe(
    `log_id("cloudaudit.googleapis.com/activity") AND timestamp>="2026-01-05T11:00:00.000Z" AND timestamp<="2026-01-05T13:00:00.000Z" AND protoPayload.resourceName:"web"`.replaceAll(
      "2026-01-05",
      at("11:00").toISOString().slice(0, 10),
    ),
  );
  // Nothing names it: the last call to its service, which may be about its neighbour, is a guess.
  expect(await lookup.find(question("google_compute_firewall", ["other"]), signal())).toMatchObject({
    ...{ who: "dana@acme.example", at: at("12:04"), confidence: "guess" },
  });
  expect(receiver.received.at(-1)?.body["filter"]).toContain(
    'protoPayload.serviceName="compute.googleapis.com"',
  );
  expect(redactor.redact("it is canary-token-of-a-cloud")).not.toContain("canary");
  expect(lookup.covers("aws_instance")).toBe(false);
});

test("Google: the same bare name in another collection or service is not the resource", async () => {
  let entry: object = {};
  answer = ({ body }) => ({
    body: JSON.stringify(String(body["filter"]).includes("resourceName") ? { entries: [entry] } : {}),
  });
  const google = { projects: ["acme-prod"], endpoint: receiver.url, token: TOKEN, ownPrincipals: [] };
  const lookup = lookupOf({ google });
  const sure = async (type: string, name: string, serviceName: string, resourceName: string) => {
    entry = logEntry("patch", "12:01", { serviceName: `${serviceName}.googleapis.com`, resourceName });
    return (await lookup.find(question(type, [name]), signal()))?.confidence ?? null;
  };
  const compute = "projects/acme-prod/regions/r/backendServices/web";
  expect(await sure("google_compute_region_backend_service", "web", "compute", compute)).toBe("exact");
  expect(await sure("google_compute_address", "web", "compute", "projects/p/regions/r/addresses/web")).toBe(
    "exact",
  );
  expect(await sure("google_sql_database_instance", "web", "cloudsql", "projects/p/instances/web")).toBe(
    "exact",
  );
  expect(await sure("google_compute_instance", "web", "compute", compute)).toBe("guess");
  expect(await sure("google_compute_target_instance", "web", "compute", "p/z/instances/web")).toBe("guess");
  expect(await sure("google_storage_bucket", "web", "pubsub", "projects/p/topics/web")).toBeNull();
  // A whole path in another service, and a path that only ends alike.
  expect(
    await sure("google_x_instance", "projects/p/instances/web", "spanner", "projects/p/instances/web"),
  ).toBeNull();
  expect(await sure("google_pubsub_topic", "projects/p/topics/web", "pubsub", "web")).toBe("guess");
});

const ID = "/subscriptions/5a1b/resourceGroups/prod/providers/Microsoft.Storage/storageAccounts/invoices";

/** An EventData of the Activity Log, as `Activity Logs - List` gives it. */
const activity = (operation: string, minute: string, more: object = {}) => ({
  caller: "dana@acme.example",
  eventTimestamp: at(minute).toISOString(),
  operationName: { value: operation, localizedValue: operation },
  category: { value: "Administrative", localizedValue: "Administrative" },
  status: { value: "Succeeded", localizedValue: "Succeeded" },
  resourceProviderName: { value: "Microsoft.Storage", localizedValue: "Storage" },
  resourceId: ID,
  ...more,
});

test("Azure: the last writing call that succeeded, by the resource's id; the next page only of the same host", async () => {
  const write = "Microsoft.Storage/storageAccounts/write";
  const first = [
    activity("Microsoft.Storage/storageAccounts/read", "12:06"),
    activity(write, "12:05", { status: { value: "Failed" } }),
    activity("Microsoft.Insights/alert", "12:04", { category: { value: "Alert" } }),
    activity(write, "12:04", { caller: "lee", resourceId: `${ID}/blobServices/default` }),
  ];
  answer = ({ path }) =>
    path.includes("skip")
      ? { body: JSON.stringify({ value: [activity(write, "12:01")], nextLink: "https://evil.example/x" }) }
      : {
          body: JSON.stringify({
            value: path.includes("resourceUri") ? first : [],
            nextLink: `${receiver.url}/skip`,
          }),
        };
  const lookup = lookupOf({ azure: { endpoint: receiver.url, token: TOKEN, ownPrincipals: ["plumbline"] } });
  expect(await lookup.find(question("azurerm_storage_account", ["invoices", ID]), signal())).toEqual({
    ...{ who: "dana@acme.example", at: at("12:01"), action: write },
    ...{ confidence: "exact", source: "Azure Activity Log" },
  });
  const url = new URL(`http://x${receiver.received[0]?.path}`);
  expect(url.pathname).toBe("/subscriptions/5a1b/providers/Microsoft.Insights/eventtypes/management/values");
  expect(url.searchParams.get("api-version")).toBe("2015-04-01");
  expect(url.searchParams.get("$filter")).toBe(
    `eventTimestamp ge '${at("11:00").toISOString()}' and eventTimestamp le '${at("13:00").toISOString()}' and resourceUri eq '${ID}'`,
  );
  expect(receiver.received.map(({ path }) => path)).toEqual([expect.any(String), "/skip"]);
  // Without an id of Azure's nothing is asked.
  expect(await lookup.find(question("azurerm_storage_account", ["x' or 'a' eq 'a"]), signal())).toBeNull();
  expect(receiver.received).toHaveLength(2);
});

test("a log that refuses or hangs ends within the time that was given, and its token is in no error", async () => {
  answer = () => ({ status: 403, body: '{"error":{"message":"canary-token-of-a-cloud"}}' });
  const google = { projects: ["acme-prod"], endpoint: receiver.url, token: TOKEN, ownPrincipals: [] };
  const failure = await lookupOf({ google })
    .find(question("google_sql_database_instance", ["db"]), signal())
    .catch((thrown: Error) => thrown);
  expect(failure).toMatchObject({
    code: "context-failed",
    message: expect.stringMatching(/ answered 403\.$/),
  });
  const slow = { ...TOKEN, command: ["sleep", "60"] };
  await expect(
    lookupOf({ google: { ...google, token: slow } }).find(
      question("google_x_y", ["db"]),
      AbortSignal.timeout(100),
    ),
  ).rejects.toMatchObject({ code: "context-failed" });
});

test("a file of JSON lines: by id, else by type; broken lines and other times do not count", async () => {
  const path = join(folder(), "console.jsonl");
  const line = (who: string, minute: string, id: string, type = "kafka_topic") =>
    JSON.stringify({ at: at(minute).toISOString(), who, action: "change", type, id });
  const text = [
    line("noor", "12:01", "orders"),
    "{half",
    line("sam", "12:02", "other"),
    line("lee", "13:30", "orders"),
    line("kim", "12:03", "x", "y"),
    "",
  ];
  await writeFile(path, text.join("\n"));
  const lookup = lookupOf({ file: { path, ownPrincipals: [] } });
  expect(await lookup.find(question("kafka_topic", ["orders"]), signal())).toMatchObject({
    who: "noor",
    confidence: "exact",
  });
  expect(await lookup.find(question("kafka_topic", ["third"]), signal())).toMatchObject({
    who: "sam",
    confidence: "guess",
  });
  const none = lookupOf({ file: { path: `${path}.none`, ownPrincipals: [] } });
  expect(await none.find(question("kafka_topic", ["orders"]), signal())).toBeNull();
});

import { z } from "zod";
import type { ServerConfig } from "../model/config.ts";
import { parseDuration } from "./duration.ts";
import { durationRule, filledRule, ruled } from "./leaf-rules.ts";
import { httpUrlRule, variableName } from "./server-rules.ts";

const ownPrincipals = z
  .array(filledRule)
  .optional()
  .describe("Parts of names whose calls do not count: what Plumbline's own applies run as.");
const token = z
  .strictObject({
    command: z.array(filledRule).min(1).describe("Argument vector of a command that prints a token."),
    env: z.array(variableName).optional().describe("Names of variables of the service that it may see."),
    timeout: durationRule.optional().describe("How long it may take: 30s where left out."),
  })
  .optional()
  .describe("Where the bearer token comes from; the machine's own identity where left out.");
const project = ruled((text) =>
  /^[a-z][a-z0-9:.-]{3,60}$/.test(text) ? undefined : "This is no id of a Google Cloud project.",
);

/** `actors` of the server's file. */
export const actorsSchema = z
  .strictObject({
    cloudtrail: z
      .strictObject({
        region: filledRule.optional().describe("AWS_REGION where left out."),
        endpoint: httpUrlRule.optional().describe("Another address of the API, such as a VPC endpoint."),
        own_principals: ownPrincipals,
      })
      .optional()
      .describe("AWS CloudTrail's LookupEvents, asked with the service's own AWS credentials."),
    google: z
      .strictObject({
        projects: z.array(project).min(1).describe("Projects whose Admin Activity logs are asked."),
        endpoint: httpUrlRule.optional().describe("Another address of Cloud Logging."),
        token,
        own_principals: ownPrincipals,
      })
      .optional()
      .describe("Google Cloud Audit Logs; takes logging.logEntries.list."),
    azure: z
      .strictObject({
        endpoint: httpUrlRule
          .optional()
          .describe("Another Azure Resource Manager, such as a sovereign cloud's."),
        token,
        own_principals: ownPrincipals,
      })
      .optional()
      .describe("Azure's Activity Log; takes the role Reader, or Microsoft.Insights/eventtypes/values/Read."),
    file: z
      .strictObject({
        path: filledRule.describe('JSON lines {"at", "who", "action", "type", "id"}, the newest at the end.'),
        own_principals: ownPrincipals,
      })
      .optional()
      .describe("A log of changes in a file, for clouds without an audit API."),
  })
  .describe("Who made a change outside of Git, told with the drift. Never required.");

type ActorsYaml = z.infer<typeof actorsSchema>;

/** With every default filled in. */
export const actorsOf = ({
  cloudtrail,
  google,
  azure,
  file,
}: ActorsYaml): NonNullable<ServerConfig["actors"]> => ({
  ...(cloudtrail
    ? {
        cloudTrail: {
          region: cloudtrail.region ?? null,
          endpoint: cloudtrail.endpoint ?? null,
          ownPrincipals: cloudtrail.own_principals ?? [],
        },
      }
    : {}),
  ...(google
    ? { google: { projects: google.projects, ...asked(google, "https://logging.googleapis.com") } }
    : {}),
  ...(azure ? { azure: asked(azure, "https://management.azure.com") } : {}),
  ...(file ? { file: { path: file.path, ownPrincipals: file.own_principals ?? [] } } : {}),
});

const asked = (
  { endpoint, token: given, own_principals = [] }: NonNullable<ActorsYaml["azure"]>,
  otherwise: string,
): NonNullable<NonNullable<ServerConfig["actors"]>["azure"]> => ({
  endpoint: (endpoint ?? otherwise).replace(/\/+$/, ""),
  token: given
    ? {
        command: given.command,
        env: given.env ?? [],
        timeoutSeconds: Math.ceil((parseDuration(given.timeout ?? "30s") ?? 30_000) / 1000),
      }
    : null,
  ownPrincipals: own_principals,
});

import type { ServerConfig } from "../model/config.ts";
import type { ActorLookup } from "../ports/actor-lookup.ts";
import { azureActivityLookup, azureToken } from "./actors-azure.ts";
import { cloudTrailLookup } from "./actors-cloudtrail.ts";
import { actorsFileLookup } from "./actors-file.ts";
import { GOOGLE_TOKEN, googleAuditLookup } from "./actors-google.ts";
import { type TokenOptions, tokenSource } from "./cloud-token.ts";

/** Every audit log that the server's file names. */
export const createActorLookups = (
  { cloudTrail, google, azure, file }: NonNullable<ServerConfig["actors"]>,
  around: Pick<TokenOptions, "env" | "redactor" | "clock">,
): readonly ActorLookup[] => [
  ...(cloudTrail ? [cloudTrailLookup(cloudTrail)] : []),
  ...(google
    ? [
        googleAuditLookup({
          ...google,
          token: tokenSource({ ...around, command: google.token, place: GOOGLE_TOKEN }),
        }),
      ]
    : []),
  ...(azure
    ? [
        azureActivityLookup({
          ...azure,
          token: tokenSource({ ...around, command: azure.token, place: azureToken(azure.endpoint) }),
        }),
      ]
    : []),
  ...(file ? [actorsFileLookup(file)] : []),
];

import { z } from "zod";
import { ACCESS_ROLES, type AccessConfig } from "../model/access.ts";
import { parseDuration } from "./duration.ts";
import { durationRule, filledRule, ruled } from "./leaf-rules.ts";
import { httpUrlRule } from "./server-rules.ts";

const names = z.array(filledRule);

export const oidcSchema = z
  .strictObject({
    issuer: httpUrlRule.optional().describe("Address of the identity provider, as it names itself."),
    client_id: filledRule.optional().describe("As it is registered there."),
    client_secret: filledRule.optional().describe("A variable is better."),
    scopes: names.optional().describe("openid, profile and email where left out."),
    groups_claim: filledRule
      .optional()
      .describe("Claim that lists a person's groups; groups where left out."),
  })
  .describe("An OpenID Connect provider for people who log in.");

export const accessSchema = z
  .strictObject({
    admin_token: ruled((text) =>
      /^\S{32,}$/.test(text)
        ? undefined
        : "At least 32 characters without blanks, such as `openssl rand -hex 32` makes.",
    )
      .optional()
      .describe("A token with every right, to begin with."),
    grants: z
      .array(
        z.strictObject({
          role: z.enum(ACCESS_ROLES).describe("What they may: look, operate, approve, everything."),
          groups: names.optional().describe("Groups of the identity provider."),
          people: names.optional().describe("Verified e-mail addresses or subjects."),
          workspaces: names.optional().describe("Keys with `*` for anything; all where left out."),
        }),
      )
      .optional()
      .describe("Who that logs in may do what."),
    session: durationRule.optional().describe("How long a login lasts: 12h where left out."),
  })
  .describe("Who may use the service over HTTP.");

interface AccessYaml {
  readonly oidc?: z.infer<typeof oidcSchema> | undefined;
  readonly access?: z.infer<typeof accessSchema> | undefined;
}

export const accessOf = ({ oidc, access }: AccessYaml): AccessConfig => ({
  oidc: oidc
    ? {
        issuer: oidc.issuer ?? "",
        clientId: oidc.client_id ?? "",
        clientSecret: oidc.client_secret ?? "",
        scopes: oidc.scopes ?? ["openid", "profile", "email"],
        groupsClaim: oidc.groups_claim ?? "groups",
      }
    : null,
  adminToken: access?.admin_token ?? null,
  grants: (access?.grants ?? []).map(({ role, groups, people, workspaces }) => ({
    role,
    groups: groups ?? [],
    people: people ?? [],
    workspaces: workspaces ?? ["*"],
  })),
  sessionSeconds: (parseDuration(access?.session ?? "12h") ?? 43_200_000) / 1000,
});

/** What a login needs and is not there; keys of the file. */
export const missingForLogin = (value: {
  readonly oidc?: unknown;
  readonly public_url?: unknown;
}): readonly { readonly path: string; readonly message: string }[] => {
  const { oidc } = value;
  if (typeof oidc !== "object" || oidc === null) return [];
  const missing: { path: string; message: string }[] = (["issuer", "client_id", "client_secret"] as const)
    .filter((key) => !(key in oidc))
    .map((key) => ({
      path: `oidc.${key}`,
      message: `A login needs it, here or in PLUMBLINE_OIDC_${key.toUpperCase()}.`,
    }));
  if (value.public_url === undefined)
    missing.push({ path: "public_url", message: "People come back from their login to this address." });
  return missing;
};

/** Order matters: each role holds the ones before it. */
export const ACCESS_ROLES = ["viewer", "operator", "approver", "admin"] as const;
export type AccessRole = (typeof ACCESS_ROLES)[number];

/** What somebody may do, and where: patterns of workspace keys in which `*` stands for anything. */
export interface Grant {
  readonly role: AccessRole;
  readonly workspaces: readonly string[];
}

/** Whoever asks over HTTP, once it is known who that is. */
export interface Principal {
  /** Name of a token, or a person's e-mail address (else subject). */
  readonly name: string;
  readonly kind: "token" | "person";
  readonly grants: readonly Grant[];
}

/** What a login at the identity provider says of a person. */
export interface LoginClaims {
  readonly subject: string;
  /** Only where the provider has verified it. */
  readonly email: string | null;
  readonly groups: readonly string[];
}

export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: readonly string[];
  readonly groupsClaim: string;
}

/** The operator's word about who may use the service over HTTP. */
export interface AccessConfig {
  readonly oidc: OidcConfig | null;
  /** Bootstrap token with every right; null where there is none. */
  readonly adminToken: string | null;
  readonly grants: readonly (Grant & {
    readonly groups: readonly string[];
    readonly people: readonly string[];
  })[];
  readonly sessionSeconds: number;
}

/** An API token as it is kept: its text is not. */
export interface AccessToken extends Grant {
  readonly id: string;
  readonly name: string;
  /** The first characters of the text, to tell tokens apart. */
  readonly prefix: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
}

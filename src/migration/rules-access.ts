import { rule } from "./rule.ts";

/** Who may do what. */
export const ACCESS_RULES = {
  grant: rule({
    class: "R1",
    severity: "warn",
    message: "Grants {what} to {name}.",
    fix: "Have the owner of the data agree; grant the least that works.",
  }),
  "grant-wide": rule({
    class: "R3",
    severity: "error",
    message: "Grants {what} to {name}: wider than one role needs.",
    fix: "Name the roles and the privileges; leave out PUBLIC, ALL on a whole schema, ADMIN and GRANT OPTION.",
  }),
  revoke: rule({
    class: "R3",
    severity: "error",
    message: "Revokes {what} from {name}: code that runs under it now may fail at once.",
    fix: "Prove by the access log that it is unused, and have a grant at hand that takes it back.",
  }),
  "change-owner": rule({
    class: "R3",
    severity: "warn",
    lock: "ACCESS EXCLUSIVE",
    message: "Changes the owner of {name}: the old one may no longer alter it.",
    fix: "Check that the migration identity stays a member of the owner.",
  }),
  "row-security": rule({
    class: "R3",
    severity: "error",
    lock: "ACCESS EXCLUSIVE",
    message: "{what} on {name}: rows appear or vanish for everybody at once.",
    fix: "Create and test the policies first, and rehearse as each role that reads the table.",
  }),
  "change-policy": rule({
    class: "R3",
    severity: "warn",
    lock: "ACCESS EXCLUSIVE",
    message: "{what} on {name}: rows may appear or vanish for somebody.",
    fix: "Rehearse as each role that reads the table.",
  }),
  "change-role": rule({
    class: "R3",
    severity: "warn",
    message: "{what} role {name}.",
    fix: "Manage roles where identities are reviewed, not in a schema migration.",
  }),
  "role-superuser": rule({
    class: "R3",
    severity: "error",
    message: "Makes {name} able to pass every check of the server.",
    fix: "Grant the one predefined role or privilege that is needed.",
  }),
  "password-in-migration": rule({
    class: "R3",
    severity: "error",
    message: "Writes a password for {name} into Git.",
    fix: "Leave the password out, set it from the secret store, and change the one that was written here.",
  }),
  "definer-search-path": rule({
    class: "R1",
    severity: "warn",
    message:
      "Function {name} runs with its owner's rights and no fixed search_path: a caller can slip in objects of their own.",
    fix: "Add SET search_path = pg_catalog, <schema> to the function.",
  }),
  "set-role": rule({
    class: "R1",
    severity: "warn",
    message: "Runs what follows as {name}: with its rights, and what is made belongs to it.",
    fix: "Give the migration identity that role at its connection (ALTER ROLE ... SET role), where rights are reviewed.",
  }),
  "server-setting": rule({
    class: "R3",
    severity: "warn",
    message: "Changes a setting of the {name} for everybody, not the schema.",
    fix: "Keep it where the server's configuration is reviewed.",
  }),
} as const;

import { parseDuration } from "../config/duration.ts";
import { ACCESS_ROLES, type AccessRole, type AccessToken } from "../model/access.ts";
import { PlumblineError } from "../model/errors.ts";
import { createToken, isLive, listTokens, revokeToken } from "../run/access-tokens.ts";
import { type Call, EXIT, printable, printJson, textOption, textsOption } from "./command.ts";
import { recordsPlace, withRecords } from "./open-records.ts";

const clock = { now: () => new Date() };

/** `plumbline token create --name N --role R [--workspaces PATTERN]... [--expires 90d|never]`: says its text once. */
export const tokenCreate = async (call: Call): Promise<number> => {
  const name = textOption(call, "name")?.trim();
  if (!name) throw new PlumblineError("wrong-arguments", "Give the token a name: --name NAME.");
  const role = roleOf(textOption(call, "role"));
  const given = textsOption(call, "workspaces");
  const workspaces = given.length > 0 ? given : ["*"];
  const wish = { name, role, workspaces, by: whoOf(call), expiresAt: expiryOf(textOption(call, "expires")) };
  const { text, token } = await withRecords(await recordsPlace(call), ({ ledger }) =>
    createToken({ ledger, clock }, wish),
  );
  if (call.json) printJson(call, { token: text, ...token });
  else
    call.out(
      `${text}\nKeep it now: it is shown this once. Id ${token.id}, ${role}, ${until(token)}. Send it as Authorization: Bearer.\n`,
    );
  return EXIT.done;
};

export const tokenList = async (call: Call): Promise<number> => {
  const tokens = await withRecords(await recordsPlace(call), ({ ledger }) => listTokens(ledger));
  if (call.json) printJson(call, { tokens });
  else call.out(tokens.length === 0 ? "There is no token.\n" : tokens.map(line).join(""));
  return EXIT.done;
};

export const tokenRevoke = async (call: Call): Promise<number> => {
  const id = call.args[0] ?? "";
  const revoked = await withRecords(await recordsPlace(call), ({ ledger }) =>
    revokeToken({ ledger, clock }, id, whoOf(call)),
  );
  if (!revoked)
    throw new PlumblineError("wrong-arguments", `No token that counts has the id ${JSON.stringify(id)}.`, {
      hint: "`plumbline token list` names them.",
    });
  if (call.json) printJson(call, { revoked: id });
  else call.out(`The token ${id} counts no more.\n`);
  return EXIT.done;
};

const roleOf = (given: string | undefined): AccessRole => {
  const role = ACCESS_ROLES.find((one) => one === given);
  if (role) return role;
  throw new PlumblineError("wrong-arguments", `--role is one of ${ACCESS_ROLES.join(", ")}.`);
};

const expiryOf = (given = "90d"): Date | null => {
  if (given === "never") return null;
  const duration = parseDuration(given);
  if (duration === undefined || duration <= 0)
    throw new PlumblineError("wrong-arguments", "--expires takes a time such as 90d, or never.");
  return new Date(clock.now().getTime() + duration);
};

const whoOf = (call: Call): string => call.env["USER"] ?? "the command line";

const until = ({ expiresAt }: AccessToken): string =>
  expiresAt === null ? "until it is revoked" : `until ${expiresAt.toISOString()}`;

const line = (token: AccessToken): string => {
  const standing = isLive(token, clock.now()) ? until(token) : token.revokedAt ? "revoked" : "expired";
  const used = token.lastUsedAt ? `used ${token.lastUsedAt.toISOString()}` : "never used";
  const where = token.workspaces.join(",");
  return `${printable(`${token.id}  ${token.prefix}...  ${token.name}  ${token.role}  ${where}  ${standing}  ${used}`)}\n`;
};

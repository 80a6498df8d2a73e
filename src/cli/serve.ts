import { PlumblineError } from "../model/errors.ts";
import { startService } from "../wire.ts";
import { ROLES, type Role } from "../wire-parts.ts";
import { type Call, EXIT, textOption } from "./command.ts";
import { readConfiguration } from "./server-configuration.ts";
import { ownVersion } from "./version.ts";

/** `plumbline serve`: runs until SIGTERM or SIGINT, then drains: no new work, running applies are waited for. */
export const serve = async (call: Call): Promise<number> => {
  const stop = call.stopSignal();
  const role = roleOf(call);
  const config = await readConfiguration(call);
  if (role !== undefined && config.databaseUrl === null)
    throw new PlumblineError(
      "wrong-arguments",
      "--role splits the service over processes, which takes a PostgreSQL server.",
      {
        hint: "Give PLUMBLINE_DATABASE_URL, or leave --role out.",
      },
    );
  const service = await startService(config, {
    ...(role === undefined ? {} : { role }),
    version: await ownVersion(),
    env: call.env,
    writeLog: (line) => call.err(line),
  });
  if (!stop.aborted)
    await new Promise<void>((ended) => stop.addEventListener("abort", () => ended(), { once: true }));
  await service.stop();
  return EXIT.done;
};

const roleOf = (call: Call): Role | undefined => {
  const given = textOption(call, "role");
  const role = ROLES.find((one) => one === given);
  if (given !== undefined && role === undefined)
    throw new PlumblineError("wrong-arguments", `--role is ${ROLES.join(", ")}, not ${given}.`);
  return role;
};

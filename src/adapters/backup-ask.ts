import { createHash } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { PlumblineError } from "../model/errors.ts";
import { backupSocket, DONE_TRAILER, keyProof } from "./backup-answer.ts";
import type { BackupDone } from "./backup-create.ts";
import { intoFile } from "./backup-file.ts";
import { corrupt } from "./backup-parts.ts";

/**
 * A backup by the service that runs on an embedded database, written here by this process. `key`: the service's first
 * key, where the file is to hold the keys. Null where no service answers in the data folder.
 */
export const askForBackup = async (
  dataDir: string,
  path: string,
  key: Uint8Array | null,
): Promise<BackupDone | null> => {
  const answer = await ask(backupSocket(dataDir), { keyProof: key && keyProof(key) });
  if (answer === null) return null;
  if (answer.statusCode !== 200)
    throw new PlumblineError("wrong-arguments", `The running service refuses: ${await text(answer)}`);
  return intoFile(path, async (file) => {
    const whole = createHash("sha256");
    try {
      for await (const chunk of answer) {
        whole.update(chunk as Uint8Array);
        await file.writeFile(chunk as Uint8Array);
      }
    } catch (cause) {
      throw corrupt("the running service broke it off; see its log", cause);
    }
    const told = answer.trailers[DONE_TRAILER];
    const done = typeof told === "string" ? (JSON.parse(told) as BackupDone) : null;
    if (done?.sha256 !== whole.digest("hex")) throw corrupt("the running service broke it off; see its log");
    return done;
  });
};

const NOBODY = new Set(["ENOENT", "ECONNREFUSED", "ENOTSOCK", "EINVAL"]);

const ask = async (socketPath: string, wish: object): Promise<IncomingMessage | null> => {
  const asking = request({ socketPath, method: "POST", path: "/backup" });
  asking.end(JSON.stringify(wish));
  try {
    const [answer] = (await once(asking, "response")) as [IncomingMessage];
    return answer;
  } catch (failure) {
    const code = String((failure as NodeJS.ErrnoException | null)?.code ?? "");
    if (NOBODY.has(code)) return null;
    throw new PlumblineError("not-writable", `The running service cannot be asked for a backup (${code}).`, {
      cause: failure,
      hint: "Run the command as the user of the service.",
    });
  }
};

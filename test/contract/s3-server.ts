import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { freePort } from "./free-port.ts";
import { installedS3, type S3Program } from "./s3-binary.ts";

/** A store that speaks S3 and honours conditional writes: PLUMBLINE_TEST_S3 (its address), else one on a free port. */
export interface S3Server {
  readonly endpoint: string;
  /** Makes a bucket with this name. */
  bucket(name: string): Promise<string>;
  stop(): Promise<void>;
}

export const CREDENTIALS = {
  accessKeyId: process.env["AWS_ACCESS_KEY_ID"] ?? "test",
  secretAccessKey: process.env["AWS_SECRET_ACCESS_KEY"] ?? "test",
};

const given = process.env["PLUMBLINE_TEST_S3"] ?? null;
const program = installedS3(process.env);

/** Why there is none here; null where there is. */
export const s3Missing: string | null =
  given === null && program === null
    ? "no S3 server here: `node scripts/s3.ts` builds one, PLUMBLINE_TEST_S3 names one"
    : null;

/** moto overwrites whatever `If-Match` says, so a store refuses to seal anything anew in it. */
export const honoursIfMatch: boolean = given !== null || program?.kind === "versitygw";

export const startS3 = async (): Promise<S3Server> => {
  const { endpoint, stop } =
    given === null ? await startProgram() : { endpoint: given, stop: async () => {} };
  const client = new S3Client({
    ...{ endpoint, region: "us-east-1", forcePathStyle: true, credentials: CREDENTIALS },
  });
  return {
    endpoint,
    bucket: async (name) => {
      await client.send(new CreateBucketCommand({ Bucket: name }));
      return name;
    },
    stop: async () => {
      client.destroy();
      await stop();
    },
  };
};

const startProgram = async (): Promise<{ endpoint: string; stop(): Promise<void> }> => {
  if (program === null) throw new Error(s3Missing ?? "");
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "plumbline-s3-"));
  const child = spawn(program.path, argumentsOf(program, port, folder), {
    stdio: "ignore",
    // A launcher such as pyenv's stays in front of the server; the group ends both.
    detached: true,
    env: {
      ...process.env,
      ROOT_ACCESS_KEY: CREDENTIALS.accessKeyId,
      ROOT_SECRET_KEY: CREDENTIALS.secretAccessKey,
    },
  });
  const ended = once(child, "exit");
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; child.exitCode === null && tries < 600; tries += 1) {
    // Any answer, a refusal too: it listens.
    if (await fetch(endpoint).then(Boolean, () => false)) return { endpoint, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error(`${program.path} did not start`);
};

const argumentsOf = ({ kind }: S3Program, port: number, folder: string): readonly string[] =>
  kind === "moto"
    ? ["-H", "127.0.0.1", "-p", String(port)]
    : ["--port", `127.0.0.1:${port}`, "--quiet", "posix", ...sidecarIn(folder)];

/** Metadata in a folder of its own: not every file system has extended attributes. */
const sidecarIn = (folder: string): readonly string[] => {
  const [objects, metadata] = ["objects", "metadata"].map((name) => mkdtempSync(join(folder, `${name}-`)));
  return ["--sidecar", metadata ?? "", objects ?? ""];
};

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { freePort } from "./free-port.ts";

/** A store that speaks S3 and honours conditional writes: PLUMBLINE_TEST_S3 (its address), else moto on a free port. */
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
const program = (): string | null =>
  (process.env["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "moto_server"))
    .find((path) => existsSync(path)) ?? null;

/** Why there is none here; null where there is. */
export const s3Missing: string | null =
  (given ?? program()) === null
    ? "no S3 server here: put moto_server on the PATH or set PLUMBLINE_TEST_S3"
    : null;

export const startS3 = async (): Promise<S3Server> => {
  const { endpoint, stop } = given === null ? await startMoto() : { endpoint: given, stop: async () => {} };
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

const startMoto = async (): Promise<{ endpoint: string; stop(): Promise<void> }> => {
  const port = await freePort();
  const child = spawn(program() ?? "", ["-H", "127.0.0.1", "-p", String(port)], {
    stdio: "ignore",
    // A launcher such as pyenv's stays in front of the server; the group ends both.
    detached: true,
  });
  const ended = once(child, "exit");
  const endpoint = `http://127.0.0.1:${port}`;
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    await ended;
  };
  for (let tries = 0; child.exitCode === null && tries < 600; tries += 1) {
    const answers = await fetch(`${endpoint}/moto-api/`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (answers) return { endpoint, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await stop();
  throw new Error("moto_server did not start");
};

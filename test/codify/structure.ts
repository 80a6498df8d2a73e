import type { Console } from "../../demo/cloud/console.ts";
import type { Case, Entry } from "./cases.ts";

/**
 * A story that shares one root module, and so every plan, with others. All that it names begins with its id: `n1`,
 * `n1_a`, `n1-a`. Its code is in `<id>.tf` unless `files` says otherwise.
 */
export interface Part extends Omit<Case, "files" | "env" | "dir" | "workspace" | "varFiles"> {
  readonly code?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** Comments that go with what they stand at; all others must stay. */
  readonly loses?: readonly string[];
}

export const filesOf = (part: Part): Readonly<Record<string, string>> => ({
  ...(part.code === undefined ? {} : { [`${part.id}.tf`]: part.code }),
  ...part.files,
});

/** All files of all parts; a file that several name, such as terraform.tfvars, holds what each says. */
export const together = (
  parts: readonly Part[],
  of: (part: Part) => Readonly<Record<string, string>>,
): Readonly<Record<string, string>> => {
  const files: Record<string, string> = {};
  for (const [path, text] of parts.flatMap((part) => Object.entries(of(part))))
    files[path] = `${files[path] ?? ""}${text}`;
  return files;
};

/** Whether an address or path names something of a part. */
export const belongsTo = (id: string, address: string): boolean =>
  new RegExp(`(^|[^a-z0-9])${id}([^a-z0-9]|$)`).test(address);

export const topic = (name: string, body = "", at = name): string =>
  `resource "kafka_topic" "${name}" {\n  name               = "${at}"\n  partitions         = 3\n  replication_factor = 1\n${body}}\n`;

export const bucket = (name: string, body: string): string =>
  `resource "aws_s3_bucket" "${name}" {\n  bucket = "${name.replaceAll("_", "-")}-bucket"\n${body}}\n`;

export const setBucket =
  (name: string, attributes: Entry) =>
  (cloud: Console): void =>
    cloud.set("aws_s3_bucket", `${name}-bucket`, attributes);

export const setTable =
  (name: string, attributes: Entry) =>
  (cloud: Console): void =>
    cloud.set("aws_dynamodb_table", name, attributes);

export const gone =
  (...names: readonly string[]) =>
  (cloud: Console): void => {
    for (const name of names) cloud.remove("kafka_topic", name);
  };

/** Changes the security group of this name. */
export const setGroup =
  (name: string, change: (entry: Entry) => Entry) =>
  (cloud: Console): void =>
    cloud.edit(({ resources }) => {
      for (const entry of Object.values(resources["aws_security_group"] ?? {}))
        if (entry["name"] === name) Object.assign(entry, change(entry));
    });

export const unset =
  (type: string, id: string, ...names: readonly string[]) =>
  (cloud: Console): void =>
    cloud.edit(({ resources }) => {
      for (const name of names) delete resources[type]?.[id]?.[name];
    });

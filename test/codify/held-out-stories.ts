// Stories that share a folder of `held-out/`, and what their consoles do.
import type { Console } from "../../demo/cloud/console.ts";
import type { Entry } from "./cases.ts";

/** One drift story of a folder in `held-out/`: its own file is `${id}.tf`, and its addresses begin with its id. */
export interface HeldOut {
  readonly id: string;
  readonly form: string;
  readonly console: (cloud: Console) => void;
  /** What some file of the folder must hold, or must not, afterwards. */
  readonly has?: readonly string[];
  readonly hasNot?: readonly string[];
  /** What is known not to work yet: the story is told all the same, and must be taken off this list once it does. */
  readonly open?: string;
}

/** Stories that share a root module, so that one engine run tells them all. */
export interface HeldOutGroup {
  readonly folder: string;
  readonly varFiles?: readonly string[];
  readonly stories: readonly HeldOut[];
}

export const changed =
  (type: string, is: (entry: Entry) => boolean, change: (entry: Entry) => Entry) =>
  (cloud: Console): void =>
    cloud.edit(({ resources }) => {
      const entry = Object.values(resources[type] ?? {}).find(is);
      if (!entry) throw new Error(`the account has no such ${type}`);
      Object.assign(entry, change(entry));
    });
export const volume = (name: string, change: (entry: Entry) => Entry) =>
  changed("aws_ebs_volume", (entry) => (entry["tags"] as Entry | null)?.["Name"] === name, change);
export const volumeTags = (name: string, tags: Entry) =>
  volume(name, (entry) => ({ tags: { ...(entry["tags"] as Entry), ...tags } }));
export const group = (name: string, ingress: readonly Entry[]) =>
  changed(
    "aws_security_group",
    (entry) => entry["name"] === name,
    () => ({ ingress }),
  );
export const role = (name: string, change: (entry: Entry) => Entry) =>
  changed("aws_iam_role", (entry) => entry["name"] === name, change);
export const each =
  (...changes: readonly ((cloud: Console) => void)[]) =>
  (cloud: Console): void => {
    for (const change of changes) change(cloud);
  };

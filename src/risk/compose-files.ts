import { isJsonObject, type Json, type JsonObject, jsonEqual } from "../model/json.ts";
import type { FileChange, FileFinding } from "../model/stateful-change.ts";
import { holds } from "./condition.ts";
import { fileFinding } from "./file-finding.ts";
import { isStore } from "./store-names.ts";
import { documentsIn } from "./yaml-documents.ts";

/** `compose.yaml`, `docker-compose.prod.yml`. */
export const isComposeFile = (path: string): boolean =>
  /(^|\/)(docker-)?compose([.-][\w.-]+)?\.ya?ml$/i.test(path);

/** Named volumes that leave the file or become others, services that see another one, stores of a new major version. */
export const composeFindings = ({ path, before, after }: FileChange): readonly FileFinding[] => {
  if (before === null) return [];
  const [left, right] = [documentsIn(before), documentsIn(after ?? "")];
  if (left === null || right === null)
    return [
      fileFinding(
        path,
        "compose",
        "compose-unreadable",
        "This file cannot be read as YAML.",
        "Mend the YAML.",
      ),
    ];
  const [old, now] = [left[0] ?? {}, right[0] ?? {}];
  return [...volumeFindings(path, old, now), ...serviceFindings(path, old, now)];
};

const volumeFindings = (path: string, before: JsonObject, after: JsonObject): readonly FileFinding[] => {
  const now = objectAt(after, "volumes");
  return Object.entries(objectAt(before, "volumes")).flatMap(([name, old]) => {
    const next = now[name];
    if (next === undefined) {
      const message = `The volume ${name} leaves the file: what it holds is out of reach, and goes with the next clean-up.`;
      return [fileFinding(path, name, "volume-removed", message, COPY)];
    }
    if (jsonEqual(old, next)) return [];
    return [fileFinding(path, name, "volume-changed", `Other data stands behind the volume ${name}.`, COPY)];
  });
};

const COPY = "Copy the data over, verify it, and keep the old volume for a while.";

const serviceFindings = (path: string, before: JsonObject, after: JsonObject): readonly FileFinding[] => {
  const now = objectAt(after, "services");
  return Object.entries(objectAt(before, "services")).flatMap(([name, old]) => {
    const next = now[name];
    if (!isJsonObject(old) || !isJsonObject(next)) return isJsonObject(old) ? removed(path, name, old) : [];
    return [...mountFindings(path, name, old, next), ...imageFindings(path, name, old, next)];
  });
};

const removed = (path: string, name: string, old: JsonObject): readonly FileFinding[] =>
  mountsOf(old).size > 0 || isStore(imageOf(old))
    ? [fileFinding(path, name, "service-removed", `Takes out the service ${name}, which keeps data.`, COPY)]
    : [];

const mountFindings = (
  path: string,
  name: string,
  before: JsonObject,
  after: JsonObject,
): readonly FileFinding[] => {
  const now = mountsOf(after);
  return [...mountsOf(before)].flatMap(([target, source]) => {
    const next = now.get(target);
    if (next === source) return [];
    const what = next === undefined ? "nothing that is kept" : `the volume ${next}`;
    const message = `The service ${name} sees ${what} at ${target} instead of the volume ${source}.`;
    return [fileFinding(path, `${name} ${target}`, "volume-changed", message, COPY)];
  });
};

/** Named volumes by where a service sees them; folders of the machine mostly hold settings. */
const mountsOf = (service: JsonObject): ReadonlyMap<string, string> => {
  const listed = Array.isArray(service["volumes"]) ? service["volumes"] : [];
  return new Map(listed.flatMap(mountOf));
};

const mountOf = (mount: Json): readonly (readonly [string, string])[] => {
  if (isJsonObject(mount)) {
    const { type, source, target } = mount;
    return type === "volume" ? [[String(target), String(source)]] : [];
  }
  const [source = "", target] = String(mount).split(":");
  return target === undefined || /^[./~$]/.test(source) ? [] : [[target, source]];
};

const imageFindings = (
  path: string,
  name: string,
  before: JsonObject,
  after: JsonObject,
): readonly FileFinding[] => {
  const [old, now] = [imageOf(before), imageOf(after)];
  if (!isStore(old) && !isStore(now)) return [];
  if (nameOf(old) !== nameOf(now))
    return [fileFinding(path, name, "image-changed", `${name}: ${old} becomes ${now}.`, REHEARSE)];
  const isOther = ["major-raised", "major-lowered"] as const;
  return isOther.some((when) => holds({ ...VERSION, when }, tagOf(old), tagOf(now)))
    ? [
        fileFinding(
          path,
          name,
          "major-version",
          `${name}: ${old} becomes ${now}; data of another major version.`,
          REHEARSE,
        ),
      ]
    : [];
};

const REHEARSE = "Rehearse it on a restored copy, and keep a backup that was restored once.";
const VERSION = {
  id: "major-version",
  class: "R3",
  path: [],
  values: [],
  unlimited: [],
  absent: undefined,
  byDefault: false,
  oneWay: true,
  unless: [],
  message: "",
  wayOut: "",
  source: "",
} as const;

const imageOf = ({ image }: JsonObject): string => (typeof image === "string" ? image : "");
const tagOf = (image: string): string => /:([^:/@]+)(@|$)/.exec(image)?.[1] ?? "";
const nameOf = (image: string): string => image.replace(/(:[^:/@]+)?(@.*)?$/, "");

const objectAt = (document: JsonObject, key: string): JsonObject => {
  const value = document[key];
  return isJsonObject(value) ? value : {};
};

import { didYouMean } from "../model/similar.ts";
import type { GivenFlag } from "./atlantis-flag-file.ts";
import { ATLANTIS_FLAGS, FLAG_TARGETS, type FlagReading } from "./atlantis-flags.ts";
import type { AtlantisTold } from "./atlantis-told.ts";

export type Settings = Record<string, unknown>;

export interface FromFlags {
  /** Keys of the server's file. */
  readonly server: Settings;
  /** Keys of plumbline.yaml. */
  readonly repository: Settings;
  /** Variables to set to what the flag has; their values are secrets or names of files and are never repeated. */
  readonly variables: readonly { readonly name: string; readonly from: string }[];
  readonly told: readonly AtlantisTold[];
}

/** What the flags of `atlantis server` become. */
export const fromFlags = (flags: readonly GivenFlag[], file: string): FromFlags => {
  const out = { server: {} as Settings, repository: {} as Settings, variables: [] as Variable[] };
  const told: AtlantisTold[] = [];
  for (const flag of flags) {
    const tell = (fate: AtlantisTold["fate"], note: string, to: string | null = null): void => {
      const { name, line } = flag;
      told.push({ file, key: `--${name}`, count: 1, line, column: null, fate, to, note });
    };
    const known = Object.hasOwn(ATLANTIS_FLAGS, flag.name) ? ATLANTIS_FLAGS[flag.name] : undefined;
    const target = FLAG_TARGETS.get(flag.name);
    if (!known) tell("lost", UNKNOWN[flag.name] ?? unknownNote(flag.name));
    else if (known.fate !== "same" && !isOff(flag.value))
      tell(known.fate, known.note ?? "", known.to ?? null);
    if (!target) continue;
    if (target.in === "variable") out.variables.push({ name: target.name, from: `--${flag.name}` });
    else
      for (const one of valuesOf(flag, target.read, target.at, tell)) put(out[target.in], one.at, one.value);
  }
  return { ...out, told };
};

type Variable = FromFlags["variables"][number];
type Tell = (fate: AtlantisTold["fate"], note: string) => void;
interface Value {
  readonly at: readonly string[];
  readonly value: unknown;
}

/** Keys of a `--config` file that are no flags. */
const UNKNOWN: Readonly<Record<string, string>> = {
  webhooks:
    "Alerts go to channels with routes of their own (`alerts.channels`): drift, failed policies, lost replicas. An apply is told in its pull request.",
};

const unknownNote = (name: string): string =>
  `Atlantis's documentation of August 2026 has no such flag.${didYouMean(name, Object.keys(ATLANTIS_FLAGS))}`;

const isOff = (value: string): boolean => /^(false|0|f|no)$/i.test(value) || value === "";
const isOn = (value: string): boolean => /^(true|1|t|yes)$/i.test(value);
const listOf = (value: string): readonly string[] =>
  value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

const valuesOf = (
  { value }: GivenFlag,
  read: FlagReading,
  at: readonly string[],
  tell: Tell,
): readonly Value[] => {
  switch (read) {
    case "number":
      return [{ at, value: /^\d+$/.test(value) ? Number(value) : value }];
    case "switch":
      return [{ at, value: isOn(value) }];
    case "list":
      return [{ at, value: listOf(value) }];
    case "off":
      return isOn(value) ? [{ at, value: at.at(-1) === "lock" ? "disabled" : false }] : [];
    case "github-api":
      return value === "github.com" ? [] : [{ at, value: `https://${value}/api/v3` }];
    case "gitea-api":
      return [
        { at: ["forge", "type"], value: "gitea" },
        { at, value: `${value.replace(/\/+$/, "")}/api/v1` },
      ];
    case "repositories":
      return [{ at, value: repositoriesOf(value, tell) }];
    case "discovery":
      return value === "auto" ? [] : [{ at, value: value === "enabled" }];
    default:
      return [{ at, value }];
  }
};

/** `github.com/acme/*` becomes `acme/*`. */
const repositoriesOf = (value: string, tell: Tell): readonly string[] =>
  listOf(value).flatMap((pattern) => {
    const [, ...path] = pattern.split("/");
    const plain = path.join("/");
    if (!pattern.startsWith("!") && path.length === 2 && !path[0]?.includes("*")) return [plain];
    tell("lost", `${pattern} has no counterpart: name OWNER/REPO or OWNER/* of what is to be served.`);
    return [];
  });

/** Sets a value deep within; what is there already stays beside it. */
export const put = (into: Settings, [first = "", ...rest]: readonly string[], value: unknown): void => {
  if (rest.length === 0) {
    into[first] = value;
    return;
  }
  const inner = into[first];
  const below: Settings = typeof inner === "object" && inner !== null ? (inner as Settings) : {};
  into[first] = below;
  put(below, rest, value);
};

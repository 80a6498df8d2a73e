import type { Finding } from "../model/finding.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { type Path, parsePath } from "../model/path.ts";
import { worldOpenings } from "./world-opening.ts";

/**
 * Whether the live value lets everybody in where the wanted one did not: an address range of the whole internet, or a
 * switch that makes public. A finding at one address of a list counts by its last named step.
 */
export const isOpening = ({ path, desired, actual, sensitive }: Finding): boolean => {
  if (sensitive) return false;
  const steps = parsePath(path) ?? [];
  const before = new Set(openings(steps, desired));
  return openings(steps, actual).some((one) => !before.has(one));
};

const openings = (steps: Path, value: Json): readonly string[] => {
  const name = steps.findLast((step) => typeof step === "string");
  const named = typeof name === "string" ? name : "";
  if (OUTWARD.test(String(steps[0] ?? ""))) return [];
  const inside = isAddress(named) ? worldOpenings({ [named]: value }) : ruleOpenings(value);
  return [...inside, ...publicSwitches(named, value)];
};

const OUTWARD = /^egress$/;
/** `value` and `source` say too little by their names alone. */
const isAddress = (name: string): boolean => /cidr|ip_range|source_(ranges|ips|address)/.test(name);

const ruleOpenings = (value: Json): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(ruleOpenings);
  if (!isJsonObject(value)) return [];
  return [
    ...worldOpenings(value),
    ...Object.entries(value).flatMap(([key, inner]) =>
      OUTWARD.test(key)
        ? []
        : [...publicSwitches(key, inner), ...(isAddress(key) ? [] : ruleOpenings(inner))],
    ),
  ];
};

const publicSwitches = (name: string, value: Json): readonly string[] => {
  if (PUBLIC_SWITCH.test(name) && (value === true || value === "true" || value === "Enabled")) return [name];
  return name === "acl" && typeof value === "string" && /^public-/.test(value) ? [`acl ${value}`] : [];
};

const PUBLIC_SWITCH =
  /^(publicly_accessible|public_network_access_enabled|public_network_access|allow_public_access|is_public|endpoint_public_access)$/;

import type { Catalogue } from "../model/catalogue.ts";
import type { Finding } from "../model/finding.ts";
import type { Json } from "../model/json.ts";
import { type Path, parsePath } from "../model/path.ts";
import type { Danger } from "../report/drift-pull-view.ts";

/**
 * What the catalogue says of the change that somebody made by hand, and of undoing it. Only what it has a word for:
 * that something was updated or created says nothing of danger.
 */
export const dangersOf = (
  catalogue: Catalogue,
  finding: Finding,
): { readonly danger?: Danger; readonly undoing?: Danger } => {
  const danger = dangerOf(catalogue, finding, finding.desired, finding.actual);
  const undoing = dangerOf(catalogue, finding, finding.actual, finding.desired);
  return { ...(danger ? { danger } : {}), ...(undoing ? { undoing } : {}) };
};

const dangerOf = (
  catalogue: Catalogue,
  { address, path, sensitive }: Finding,
  before: Json,
  after: Json,
): Danger | null => {
  const steps = parsePath(path);
  if (sensitive || steps === undefined || (path === "" && before === null && after === null)) return null;
  const whole = path === "";
  const action = whole && after === null ? "delete" : whole && before === null ? "create" : "update";
  const risk = catalogue.classify({
    ...plainChange(address),
    actions: [action],
    action,
    before: nested(steps, before),
    after: nested(steps, after),
  });
  const told = risk.reasons.filter((reason) => !SAYS_NOTHING.has(reason.rule));
  if (told.length === 0 || (whole && !risk.stateful)) return null;
  return { class: risk.class, messages: told.map((reason) => reason.message) };
};

const SAYS_NOTHING: ReadonlySet<string> = new Set(["update", "create"]);

/** The value at its place, with nothing around it. */
const nested = (steps: Path, value: Json): Json => {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  const inner = nested(rest, value);
  if (typeof step === "string") return { [step]: inner };
  const list: Json[] = new Array<Json>(step).fill(null);
  return [...list, inner];
};

const plainChange = (address: string) => {
  const [type = "", name = ""] = address
    .replaceAll(/\[(?:"(?:[^"\\]|\\.)*"|\d+)\]/g, "")
    .split(".")
    .slice(-2);
  return {
    address,
    type,
    name,
    previousAddress: null,
    deposed: null,
    mode: "managed",
    index: null,
    module: null,
    provider: "",
    actionReason: null,
    importing: null,
    afterUnknown: false,
    beforeSensitive: false,
    afterSensitive: false,
    replacePaths: [],
  };
};

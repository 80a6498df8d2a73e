/**
 * Steps of custom workflows in atlantis.yaml. Plumbline does not run them, but a file that Atlantis would refuse is
 * refused here too, and for the same reason. Why a step is none, `undefined` when it is one.
 */
export const stepProblem = (step: unknown): string | undefined => {
  if (typeof step === "string") {
    return BUILT_IN.has(step)
      ? undefined
      : `\`${step}\` is no step; maybe the \`run:\` before it is missing.`;
  }
  if (!isMapping(step)) return "A step is a name such as `init`, or a mapping with one key.";
  const [name, ...others] = Object.keys(step);
  if (name === undefined) return "The step is empty.";
  if (others.length > 0)
    return `A step has one key, not ${others.length + 1}: ${[name, ...others].join(", ")}.`;
  const body = step[name];
  if (isMapping(body)) return mappedProblem(name, body);
  const custom = name === "run" || name === "multienv";
  if (custom && isScalar(body)) return undefined;
  return BUILT_IN.has(name) && body === null ? undefined : `\`${name}\` with this value is no step.`;
};

const BUILT_IN = new Set([
  "init",
  "plan",
  "apply",
  "env",
  "multienv",
  "show",
  "policy_check",
  "import",
  "state_rm",
]);

type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isScalar = (value: unknown): boolean => ["string", "number", "boolean"].includes(typeof value);

const mappedProblem = (name: string, body: Mapping): string | undefined => {
  const keys = Object.keys(body);
  const known = Object.hasOwn(KEYS, name) ? KEYS[name] : undefined;
  if (!known) return builtInProblem(name, body);
  if (keys.every((key) => Array.isArray(body[key])) && BUILT_IN.has(name)) return builtInProblem(name, body);
  const unknown = keys.find((key) => !known.includes(key));
  if (unknown) return `A \`${name}\` step takes ${known.join(", ")}, not \`${unknown}\`.`;
  if (keys.includes("shell") && !keys.includes("command")) return "`shell` needs `command` beside it.";
  if (keys.includes("shellArgs") && !keys.includes("shell")) return "`shellArgs` needs `shell` beside it.";
  return (
    shellArgsProblem(body["shellArgs"]) ?? (name === "env" ? envProblem(keys) : commandProblem(name, body))
  );
};

const KEYS: Readonly<Record<string, readonly string[]>> = {
  env: ["name", "value", "command", "shell", "shellArgs"],
  multienv: ["command", "output", "shell", "shellArgs"],
  run: ["command", "output", "shell", "shellArgs"],
};

const builtInProblem = (name: string, body: Mapping): string | undefined => {
  if (!BUILT_IN.has(name)) return `\`${name}\` is no step.`;
  const other = Object.keys(body).find((key) => key !== "extra_args");
  if (other) return `A \`${name}\` step takes only extra_args, not \`${other}\`.`;
  const args = body["extra_args"];
  const list = args === undefined || args === null || (Array.isArray(args) && args.every(isScalar));
  return list ? undefined : "extra_args is a list of texts.";
};

const shellArgsProblem = (args: unknown): string | undefined => {
  if (args === undefined || args === null || typeof args === "string") return undefined;
  const texts = Array.isArray(args) && args.every((arg) => typeof arg === "string");
  return texts ? undefined : "`shellArgs` is a text or a list of texts.";
};

const envProblem = (keys: readonly string[]): string | undefined => {
  if (!keys.includes("name")) return "An `env` step needs `name`.";
  return keys.includes("value") && keys.includes("command")
    ? "An `env` step takes `value` or `command`, not both."
    : undefined;
};

const commandProblem = (name: string, { command, output }: Mapping): string | undefined => {
  if (typeof command !== "string") return `A \`${name}\` step needs \`command\`.`;
  const allowed = name === "run" ? ["show", "hide", "strip_refreshing"] : ["show", "hide"];
  return typeof output === "string" && !allowed.includes(output)
    ? `The \`output\` of a \`${name}\` step is one of ${allowed.join(", ")}.`
    : undefined;
};

// The provider's calls, over plain objects with the member names of plugin protocol 6.
import { isAbsolute, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Account, type CallName, logRequest, readAccount } from "./account.ts";
import { applyChange, callOf, lineOf, logFailure } from "./apply.ts";
import { served } from "./catalogue.ts";
import { fillBlocks, type Kind, kindOf, strangeAttributes, toState } from "./resource.ts";
import { bodyType, schemaBlock } from "./schema.ts";
import {
  conform,
  type DynamicValue,
  fromDynamic,
  type Obj,
  readJson,
  same,
  toDynamic,
  toDynamicRead,
  UNKNOWN,
} from "./values.ts";

/** Members of all requests together; each call sends its few. */
export interface Request {
  readonly type_name?: string;
  readonly id?: string;
  readonly config?: DynamicValue;
  readonly current_state?: DynamicValue;
  readonly prior_state?: DynamicValue;
  readonly planned_state?: DynamicValue;
  readonly proposed_new_state?: DynamicValue;
  readonly raw_state?: { readonly json?: Uint8Array };
  readonly private?: Uint8Array;
  readonly prior_private?: Uint8Array;
  readonly planned_private?: Uint8Array;
}
interface Diagnostic {
  readonly severity: "ERROR" | "WARNING";
  readonly summary: string;
  readonly detail: string;
  readonly attribute?: object;
}
export type Provider = { readonly [method: string]: (request: Request) => object | Promise<object> };

export interface ProviderSettings {
  /** The path that the engine started; its name says which provider this is. */
  readonly program: string;
  /** Where the provider block names no account file. */
  readonly accountFile: string;
  readonly logReads: boolean;
}

export const createProvider = (settings: ProviderSettings): Provider => {
  const offer = served(settings.program);
  const kinds = new Map(Object.entries(offer.types).map(([name, spec]) => [name, kindOf(name, spec)]));
  const kindFor = (request: Request): Kind => {
    const kind = kinds.get(request.type_name ?? "");
    if (!kind) throw new Error(`no such resource type: ${request.type_name}`);
    return kind;
  };
  let file = resolve(settings.accountFile);
  const capabilities = { get_provider_schema_optional: true };

  return {
    GetProviderSchema: () => ({
      provider: { version: 0, block: schemaBlock(offer.provider) },
      resource_schemas: Object.fromEntries(
        [...kinds].map(([name, { spec }]) => [name, { version: 0, block: schemaBlock(spec) }]),
      ),
      server_capabilities: capabilities,
    }),
    GetMetadata: () => ({
      resources: [...kinds.keys()].map((name) => ({ type_name: name })),
      server_capabilities: capabilities,
    }),
    ValidateProviderConfig: () => ({}),
    ValidateResourceConfig: (request) => validate(kindFor(request), request),
    StopProvider: () => ({}),
    ConfigureProvider: (request) => {
      const config = fromDynamic(request.config, bodyType(offer.provider)) as Obj | null;
      const named = config?.["account_file"];
      if (typeof named === "string" && named) file = isAbsolute(named) ? named : resolve(named);
      return orDiagnostic("Account file", {}, () => {
        readAccount(file);
        return {};
      });
    },
    UpgradeResourceState: (request) => upgrade(kindFor(request), request),
    ReadResource: (request) => read(file, settings.logReads, kindFor(request), request),
    PlanResourceChange: (request) => plan(kindFor(request), request),
    ApplyResourceChange: (request) => apply(file, kindFor(request), request),
    ImportResourceState: (request) => importState(file, kindFor(request), request),
  };
};

const validate = ({ spec, type }: Kind, request: Request): object => {
  const config = fromDynamic(request.config, type) as Obj;
  const problems = Object.entries(spec.check?.(config) ?? {});
  return {
    diagnostics: problems.map(
      ([name, detail]): Diagnostic => ({
        severity: "ERROR",
        summary: `Invalid value for ${name}`,
        detail,
        attribute: attributePath(name),
      }),
    ),
  };
};

const upgrade = ({ spec, type }: Kind, request: Request): object => {
  const text = Buffer.from(request.raw_state?.json ?? []).toString("utf8");
  const state = conform(readJson(text), type) as Obj;
  fillBlocks(spec, state);
  return { upgraded_state: toDynamic(state) };
};

const read = (file: string, logReads: boolean, kind: Kind, request: Request): Promise<object> => {
  const prior = fromDynamic(request.current_state, kind.type) as Obj;
  const id = String(prior["id"]);
  const failed = { new_state: request.current_state };
  return orDiagnostic(`Reading ${kind.name} "${id}"`, failed, async () => {
    await meetFault(file, kind.name, "read");
    if (logReads) logRequest(file, lineOf("read", kind.name, id, []));
    const entry = readAccount(file).resources[kind.name]?.[id];
    if (!entry) return { new_state: toDynamic(null) };
    return {
      new_state: toDynamicRead(toState(kind, id, entry, prior)),
      private: request.private,
      diagnostics: strangeAttributes(kind, entry).map(
        (name): Diagnostic => ({
          severity: "WARNING",
          summary: `Unknown attribute "${name}" in the account file`,
          detail: `${kind.name} "${id}" has "${name}", which this type does not have; it is ignored.`,
        }),
      ),
    };
  });
};

const plan = ({ spec, type }: Kind, request: Request): object => {
  const prior = fromDynamic(request.prior_state, type) as Obj | null;
  const config = fromDynamic(request.config, type) as Obj | null;
  const planned = fromDynamic(request.proposed_new_state, type) as Obj | null;
  const planned_private = request.prior_private;
  if (!planned || !config) return { planned_state: toDynamic(null), planned_private };
  const requires_replace: object[] = [];
  for (const [name, attribute] of Object.entries(spec.attributes)) {
    if (attribute.computed && (config[name] ?? null) === null) {
      if (attribute.default !== undefined) planned[name] = attribute.default;
      else if (attribute.derive) planned[name] = attribute.derive(planned);
      else planned[name] = prior ? (prior[name] ?? null) : UNKNOWN;
    }
    const [was, will] = [prior?.[name] ?? null, planned[name] ?? null];
    const replaces = attribute.replace === true || attribute.replace?.(was, will) === true;
    if (prior && replaces && !same(was, will, attribute.type)) requires_replace.push(attributePath(name));
  }
  return { planned_state: toDynamic(planned), requires_replace, planned_private };
};

const apply = (file: string, kind: Kind, request: Request): Promise<object> => {
  const before = fromDynamic(request.prior_state, kind.type) as Obj | null;
  const after = fromDynamic(request.planned_state, kind.type) as Obj | null;
  const call = callOf(before, after);
  const failed = { new_state: toDynamic(before), private: request.planned_private };
  return orDiagnostic(`${call} of ${kind.name} failed`, failed, async () => {
    await meetFault(file, kind.name, call, before ? String(before["id"]) : null);
    const state = applyChange(file, kind, before, after);
    return { new_state: toDynamic(state), private: request.planned_private };
  });
};

const importState = (file: string, kind: Kind, request: Request): Promise<object> => {
  const id = request.id ?? "";
  return orDiagnostic("Import", {}, async () => {
    await meetFault(file, kind.name, "import", id);
    const entry = readAccount(file).resources[kind.name]?.[id];
    if (!entry) throw new Error(`There is no ${kind.name} "${id}" in ${file}`);
    logRequest(file, lineOf("import", kind.name, id, []));
    return {
      imported_resources: [{ type_name: kind.name, state: toDynamic(toState(kind, id, entry, null)) }],
    };
  });
};

const meetFault = async (
  file: string,
  type: string,
  call: CallName,
  id: string | null = null,
): Promise<void> => {
  const { error, delayMs } = faultFor(readAccount(file), type, call);
  if (delayMs) await wait(delayMs);
  if (!error) return;
  if (call !== "read") logFailure(file, call, type, id, error);
  throw new Error(error);
};

const faultFor = (
  { faults }: Account,
  type: string,
  call: CallName,
): { error?: string; delayMs?: number } => {
  const found = faults?.[`${type}.${call}`] ?? faults?.[`*.${call}`] ?? {};
  return typeof found === "string" ? { error: found } : found;
};

const orDiagnostic = async (
  summary: string,
  failed: object,
  work: () => object | Promise<object>,
): Promise<object> => {
  try {
    return await work();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const diagnostic: Diagnostic = { severity: "ERROR", summary, detail };
    return { ...failed, diagnostics: [diagnostic] };
  }
};

const attributePath = (name: string): object => ({ steps: [{ attribute_name: name }] });

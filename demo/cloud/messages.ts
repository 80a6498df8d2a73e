// The part of plugin protocol 6 that the demo provider speaks: field numbers and kinds by message, written down
// by hand, since it needs only these few.
import type { Field, Kind, Message } from "./wire.ts";

const field = (no: number, kind: Kind): Field => ({ no, kind });
const many = (no: number, kind: Kind): Field => ({ no, kind, many: true });

const DynamicValue: Message = { msgpack: field(1, "bytes"), json: field(2, "bytes") };
const RawState: Message = { json: field(1, "bytes") };
const Step: Message = { attribute_name: field(1, "string") };
const AttributePath: Message = { steps: many(1, () => Step) };
const Diagnostic: Message = {
  severity: field(1, { ERROR: 1, WARNING: 2 }),
  summary: field(2, "string"),
  detail: field(3, "string"),
  attribute: field(4, () => AttributePath),
};
const Attribute: Message = {
  name: field(1, "string"),
  type: field(2, "bytes"),
  required: field(4, "bool"),
  optional: field(5, "bool"),
  computed: field(6, "bool"),
  sensitive: field(7, "bool"),
  nested_type: field(10, () => NestedType),
};
const NestedType: Message = {
  attributes: many(1, () => Attribute),
  nesting: field(3, { SINGLE: 1, LIST: 2, SET: 3, MAP: 4 }),
};
const NestedBlock: Message = {
  type_name: field(1, "string"),
  block: field(2, () => Block),
  nesting: field(3, { SINGLE: 1, LIST: 2, SET: 3 }),
  min_items: field(4, "int"),
  max_items: field(5, "int"),
};
const Block: Message = {
  version: field(1, "int"),
  attributes: many(2, () => Attribute),
  block_types: many(3, () => NestedBlock),
};
const Schema: Message = { version: field(1, "int"), block: field(2, () => Block) };
const Capabilities: Message = {
  plan_destroy: field(1, "bool"),
  get_provider_schema_optional: field(2, "bool"),
};
const TypeName: Message = { type_name: field(1, "string") };
const Imported: Message = { type_name: field(1, "string"), state: field(2, () => DynamicValue) };

const dynamic = (no: number): Field => field(no, () => DynamicValue);
const diagnostics = (no: number): Field => many(no, () => Diagnostic);
const typeName = field(1, "string");

/** Method of service `tfplugin6.Provider` -> [request, response]. */
export const METHODS: { readonly [method: string]: readonly [Message, Message] } = {
  GetMetadata: [
    {},
    {
      server_capabilities: field(1, () => Capabilities),
      diagnostics: diagnostics(2),
      resources: many(4, () => TypeName),
    },
  ],
  GetProviderSchema: [
    {},
    {
      provider: field(1, () => Schema),
      resource_schemas: field(2, ["map", () => Schema]),
      diagnostics: diagnostics(4),
      server_capabilities: field(6, () => Capabilities),
    },
  ],
  ValidateProviderConfig: [{ config: dynamic(1) }, { diagnostics: diagnostics(2) }],
  ValidateResourceConfig: [{ type_name: typeName, config: dynamic(2) }, { diagnostics: diagnostics(1) }],
  ConfigureProvider: [
    { terraform_version: field(1, "string"), config: dynamic(2) },
    { diagnostics: diagnostics(1) },
  ],
  UpgradeResourceState: [
    { type_name: typeName, version: field(2, "int"), raw_state: field(3, () => RawState) },
    { upgraded_state: dynamic(1), diagnostics: diagnostics(2) },
  ],
  ReadResource: [
    { type_name: typeName, current_state: dynamic(2), private: field(3, "bytes") },
    { new_state: dynamic(1), diagnostics: diagnostics(2), private: field(3, "bytes") },
  ],
  PlanResourceChange: [
    {
      type_name: typeName,
      prior_state: dynamic(2),
      proposed_new_state: dynamic(3),
      config: dynamic(4),
      prior_private: field(5, "bytes"),
    },
    {
      planned_state: dynamic(1),
      requires_replace: many(2, () => AttributePath),
      planned_private: field(3, "bytes"),
      diagnostics: diagnostics(4),
    },
  ],
  ApplyResourceChange: [
    {
      type_name: typeName,
      prior_state: dynamic(2),
      planned_state: dynamic(3),
      config: dynamic(4),
      planned_private: field(5, "bytes"),
    },
    { new_state: dynamic(1), private: field(2, "bytes"), diagnostics: diagnostics(3) },
  ],
  ImportResourceState: [
    { type_name: typeName, id: field(2, "string") },
    { imported_resources: many(1, () => Imported), diagnostics: diagnostics(2) },
  ],
  StopProvider: [{}, { Error: field(1, "string") }],
};

/** Texts of one big plan, all synthetic; each is one element, so that the whole is never in memory. */
export function* bigPlan(resources: number): Generator<string> {
  const all = Array.from({ length: resources }, (_, index) => index);
  yield '{"format_version":"1.2","terraform_version":"1.11.4","variables":{"region":{"value":"eu-west-1"}},';
  yield '"planned_values":{"root_module":{"resources":';
  yield* listOf(all, (index) => ({ ...identityOf(index), values: afterOf(index), sensitive_values: {} }));
  yield '}},"resource_drift":';
  yield* listOf(all.filter(isDrifted), (index) => changeOf(index, ["update"], before(index), drifted(index)));
  yield ',"resource_changes":';
  yield* listOf(all, (index) =>
    changeOf(index, isChanged(index) ? ["update"] : ["no-op"], before(index), afterOf(index)),
  );
  yield ',"prior_state":{"format_version":"1.0","values":{"root_module":{"resources":';
  yield* listOf(all, (index) => ({ ...identityOf(index), values: before(index), sensitive_values: {} }));
  yield '}}},"configuration":{"root_module":{"resources":';
  yield* listOf(all, (index) => ({
    ...identityOf(index),
    expressions: Object.fromEntries(
      Object.keys(before(index)).map((name) => [name, { references: ["var.x"] }]),
    ),
  }));
  yield '}},"timestamp":"2026-01-01T00:00:00Z","applyable":true,"complete":true,"errored":false}\n';
}

function* listOf(indexes: readonly number[], entry: (index: number) => object): Generator<string> {
  yield "[";
  for (const [position, index] of indexes.entries())
    yield `${position === 0 ? "" : ","}${JSON.stringify(entry(index))}`;
  yield "]";
}

// One in twenty is a stateful resource that changes; a database loses its protection.
const isChanged = (index: number): boolean => index % 20 === 0;
const isDrifted = (index: number): boolean => index % 200 === 0;

const TYPES = [
  "aws_db_instance",
  "aws_s3_bucket",
  "aws_iam_role",
  "aws_instance",
  "aws_security_group",
] as const;
const typeOf = (index: number): string =>
  isChanged(index) ? (TYPES[(index / 20) % 2] ?? TYPES[0]) : (TYPES[index % TYPES.length] ?? TYPES[0]);

const identityOf = (index: number) => ({
  address: `module.part["p${index % 100}"].${typeOf(index)}.r${index}`,
  module_address: `module.part["p${index % 100}"]`,
  mode: "managed",
  type: typeOf(index),
  name: `r${index}`,
  provider_name: "registry.terraform.io/hashicorp/aws",
});

const changeOf = (index: number, actions: readonly string[], left: object, right: object) => ({
  ...identityOf(index),
  change: {
    actions,
    before: left,
    after: right,
    after_unknown: {},
    before_sensitive: { tags: {}, tags_all: {} },
    after_sensitive: { tags: {}, tags_all: {} },
  },
});

const afterOf = (index: number): object =>
  isChanged(index)
    ? { ...before(index), deletion_protection: false, backup_retention_period: 1, force_destroy: true }
    : before(index);

const drifted = (index: number): object => ({ ...before(index), backup_retention_period: 7 });

/** About as many attributes as the provider's own schema has for a database. */
const before = (index: number) => {
  const arn = `arn:aws:service:eu-west-1:123456789012:thing/r${index}`;
  const tags = { Name: `r${index}`, team: "core", "cost-center": "42", environment: "production" };
  return {
    id: `r${index}`,
    arn,
    allocated_storage: 100 + (index % 900),
    allow_major_version_upgrade: null,
    apply_immediately: false,
    assume_role_policy: POLICY,
    auto_minor_version_upgrade: true,
    availability_zone: "eu-west-1a",
    backup_retention_period: 14,
    backup_window: "03:00-04:00",
    ca_cert_identifier: "rds-ca-rsa2048-g1",
    copy_tags_to_snapshot: false,
    customer_owned_ip_enabled: false,
    db_subnet_group_name: `group-${index % 10}`,
    deletion_protection: true,
    description: 'Made by "Terraform"',
    ebs_block_device: [{ device_name: "/dev/sdb", encrypted: true, iops: 3000, volume_size: 50, tags: {} }],
    enabled_cloudwatch_logs_exports: ["audit", "error", "general", "slowquery"],
    endpoint: `r${index}.abcdefghijkl.eu-west-1.rds.amazonaws.com:5432`,
    engine: "postgres",
    engine_version: "15.4",
    force_destroy: false,
    hosted_zone_id: "Z29XKXDKYMONMX",
    iam_database_authentication_enabled: false,
    ingress: [
      {
        cidr_blocks: ["10.0.0.0/8", "192.168.0.0/16"],
        description: "",
        from_port: 5432,
        ipv6_cidr_blocks: [],
        protocol: "tcp",
        security_groups: [],
        self: false,
        to_port: 5432,
      },
    ],
    instance_class: "db.m6g.large",
    iops: 3000,
    kms_key_id: `${arn}/key`,
    latest_restorable_time: "2026-01-01T00:00:00Z",
    maintenance_window: "mon:00:00-mon:03:00",
    max_allocated_storage: 1000,
    monitoring_interval: 60,
    multi_az: true,
    network_type: "IPV4",
    parameter_group_name: "default.postgres15",
    performance_insights_enabled: true,
    port: 5432,
    publicly_accessible: false,
    replicas: [],
    resource_id: `db-${index}ABCDEFGHIJKLMNOPQRSTUVWX`,
    skip_final_snapshot: false,
    snapshot_identifier: null,
    status: "available",
    storage_encrypted: true,
    storage_throughput: 125,
    storage_type: "gp3",
    tags,
    tags_all: tags,
    timeouts: null,
    timezone: "",
    username: "application",
    vpc_security_group_ids: [`sg-${index}0123456789`, `sg-${index}9876543210`],
  };
};

const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: ["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"] },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
    },
  ],
});

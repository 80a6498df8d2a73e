// Which program serves what: the same bundle is installed as provider aws and as provider kafka.
import { type Body, optional, type ResourceType, S, STRINGS } from "./schema.ts";
import { awsDbInstance } from "./types/aws-db-instance.ts";
import { awsDynamodbTable } from "./types/aws-dynamodb-table.ts";
import { awsEbsVolume } from "./types/aws-ebs-volume.ts";
import { awsIamRole } from "./types/aws-iam-role.ts";
import { awsKmsKey } from "./types/aws-kms-key.ts";
import { awsS3Bucket } from "./types/aws-s3-bucket.ts";
import { awsSecurityGroup } from "./types/aws-security-group.ts";
import { kafkaConnector } from "./types/kafka-connector.ts";
import { kafkaTopic } from "./types/kafka-topic.ts";

const RESOURCE_TYPES: { readonly [type: string]: ResourceType } = {
  aws_db_instance: awsDbInstance,
  aws_dynamodb_table: awsDynamodbTable,
  aws_ebs_volume: awsEbsVolume,
  aws_iam_role: awsIamRole,
  aws_kms_key: awsKmsKey,
  aws_s3_bucket: awsS3Bucket,
  aws_security_group: awsSecurityGroup,
  kafka_connector: kafkaConnector,
  kafka_topic: kafkaTopic,
};

// Arguments that real configurations have are accepted and have no effect, except `account_file`.
const PROVIDER_BLOCKS: { readonly [provider: string]: Body } = {
  aws: { attributes: { account_file: optional(S), region: optional(S), profile: optional(S) } },
  kafka: { attributes: { account_file: optional(S), bootstrap_servers: optional(STRINGS) } },
};

export interface Served {
  readonly provider: Body;
  readonly types: { readonly [type: string]: ResourceType };
}

/** `program` is the path that the engine started: `.../terraform-provider-aws_v6.0.0`. */
export const served = (program: string): Served => {
  const name = /terraform-provider-([a-z0-9-]+)_v[^/\\]*$/.exec(program)?.[1] ?? "";
  const mine = Object.entries(RESOURCE_TYPES).filter(([type]) => type.startsWith(`${name}_`));
  return { provider: PROVIDER_BLOCKS[name] ?? { attributes: {} }, types: Object.fromEntries(mine) };
};

/** What CloudTrail says that a call was about, with the service that was called. */
export interface CalledResource {
  readonly service: string;
  readonly call: string;
  /** `AWS::RDS::DBInstance` or `DBInstance`; null where CloudTrail could not tell. */
  readonly type: string | null;
  readonly name: string;
}

/**
 * Whether a call was about a resource of this Terraform type. A bare name says nothing: a bucket, a role and a queue may
 * share one. `isId`: the name is the whole id of the resource, so that a call on what it is a part of counts where its
 * own word is in the call's name (`PutBucketVersioning` for `aws_s3_bucket_versioning`).
 *
 * Fields: `EventSource`, `EventName` and `Resources[].ResourceType` of LookupEvents,
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Event.html and API_Resource.html
 */
export const isSameAwsResource = (
  { service, call, type: called }: CalledResource,
  type: string,
  isId: boolean,
): boolean => {
  if (!called || service !== awsServiceOf(type)) return false;
  const noun = squeezed(called.split("::").at(-1) ?? called);
  const words = (NAMED_OTHERWISE[type] ?? type).split("_").slice(1);
  for (let end = words.length; end > 0; end -= 1) {
    const rest = words.slice(end);
    if (!isTail(words.slice(0, end), noun)) continue;
    return rest.length === 0 || (isId && squeezed(call).includes(rest.join("")));
  }
  return false;
};

/** `s3`, `bucket`: their end is `bucket`, of whole words. A service before it is all that may be left. */
const isTail = (words: readonly string[], noun: string): boolean =>
  words.join("") === noun || words.slice(1).join("") === noun;

const squeezed = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "");

/** Types whose words are not CloudTrail's. */
const NAMED_OTHERWISE: Readonly<Record<string, string>> = {
  ...{ aws_lb: "aws_load_balancer", aws_alb: "aws_load_balancer", aws_elb: "aws_load_balancer" },
  ...{ aws_rds_cluster: "aws_db_cluster", aws_rds_cluster_instance: "aws_db_instance" },
};

/** Services whose name is no part of the resource types, by the beginning of the type; the longest counts. */
const SERVICES: Readonly<Record<string, string>> = {
  ...{ db: "rds", rds: "rds", docdb: "rds", neptune: "rds" },
  ...{ instance: "ec2", security: "ec2", vpc: "ec2", subnet: "ec2", ebs: "ec2", eip: "ec2", route: "ec2" },
  ...{ network: "ec2", nat: "ec2", internet: "ec2", launch: "ec2", ami: "ec2", default: "ec2", key: "ec2" },
  ...{
    volume: "ec2",
    snapshot: "ec2",
    spot: "ec2",
    flow: "ec2",
    placement: "ec2",
    customer: "ec2",
    vpn: "ec2",
  },
  ...{ egress: "ec2", main: "ec2" },
  ...{ lb: "elasticloadbalancing", alb: "elasticloadbalancing", elb: "elasticloadbalancing" },
  ...{ cloudwatch: "monitoring", cloudwatch_log: "logs", cloudwatch_event: "events" },
  ...{ efs: "elasticfilesystem", msk: "kafka", api_gateway: "apigateway", apigatewayv2: "apigateway" },
  ...{ sfn: "states", cognito_user: "cognito-idp", cognito_identity: "cognito-identity" },
  ...{ elasticsearch: "es", opensearch: "es", kinesis_firehose: "firehose", dx: "directconnect" },
  ...{ emr: "elasticmapreduce", launch_template: "ec2", launch_configuration: "autoscaling" },
};

/** `aws_db_instance`: `rds.amazonaws.com`. Null where the type has no second word. */
export const awsServiceOf = (type: string): string | null => {
  const [, first, second] = type.split("_");
  if (first === undefined) return null;
  return `${SERVICES[`${first}_${second}`] ?? SERVICES[first] ?? first}.amazonaws.com`;
};

import { expect, test } from "vitest";
import { cloudTrailLookup } from "../../src/adapters/actors-cloudtrail.ts";
import { at } from "../alert/bench.ts";
import { startReceiver } from "./receiver.ts";

const event = (name: string, minute: string, more: object = {}, detail: object = {}) => ({
  ...{ EventName: name, EventTime: at(minute).getTime() / 1000, ReadOnly: "false", Username: "dana" },
  EventSource: "rds.amazonaws.com",
  Resources: [{ ResourceType: "AWS::RDS::DBInstance", ResourceName: "db-1" }],
  CloudTrailEvent: JSON.stringify({
    userIdentity: { arn: "arn:aws:sts::1:assumed-role/ops/dana" },
    ...detail,
  }),
  ...more,
});

test("the last writing call on the resource counts; reads, failed calls and our own do not", async () => {
  const own = { userIdentity: { arn: "arn:aws:sts::1:assumed-role/plumbline/apply" } };
  const events = [
    event("ModifyDBInstance", "12:01"),
    event("DescribeDBInstances", "12:02", { ReadOnly: "true" }),
    event("DeleteDBInstance", "12:03", {}, { errorCode: "AccessDenied" }),
    event("ModifyDBInstance", "12:04", {}, own),
  ];
  const receiver = await startReceiver(({ body }) => {
    const [attribute] = body["LookupAttributes"] as { AttributeKey: string; AttributeValue: string }[];
    const fits = attribute?.AttributeValue === "db-1" || attribute?.AttributeValue === "rds.amazonaws.com";
    return { body: JSON.stringify({ Events: fits ? events : [] }) };
  });
  const lookup = cloudTrailLookup({
    ...{ region: "eu-west-1", endpoint: receiver.url, ownPrincipals: ["assumed-role/plumbline/"] },
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  const question = {
    workspace: "w",
    address: "aws_db_instance.main",
    type: "aws_db_instance",
    from: at("11:00"),
    to: at("13:00"),
  };
  const found = {
    who: "arn:aws:sts::1:assumed-role/ops/dana",
    at: at("12:01"),
    action: "ModifyDBInstance",
    source: "CloudTrail",
  };
  const signal = AbortSignal.timeout(60_000);
  expect(await lookup.find({ ...question, names: ["db-1"] }, signal)).toEqual({
    ...found,
    confidence: "exact",
  });
  expect(await lookup.find({ ...question, names: ["other"] }, signal)).toEqual({
    ...found,
    confidence: "guess",
  });
  expect(await lookup.find({ ...question, type: "aws_sqs_queue", names: ["q"] }, signal)).toBeNull();
  expect(lookup.covers("google_sql_database")).toBe(false);
  await receiver.close();
});

test("another resource that has the same bare name is not the one that was changed", async () => {
  const s3 = { EventSource: "s3.amazonaws.com" };
  const about = (ResourceType: string | undefined) => ({
    ...s3,
    Resources: [{ ...(ResourceType ? { ResourceType } : {}), ResourceName: "web" }],
  });
  let events: readonly object[] = [];
  const receiver = await startReceiver(({ body }) => {
    const [attribute] = body["LookupAttributes"] as { AttributeKey: string; AttributeValue: string }[];
    return { body: JSON.stringify({ Events: attribute?.AttributeKey === "ResourceName" ? events : [] }) };
  });
  const lookup = cloudTrailLookup({
    ...{ region: "eu-west-1", endpoint: receiver.url, ownPrincipals: [] },
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  const sure = async (type: string, names: readonly string[], ...given: readonly object[]) => {
    events = given;
    const question = {
      workspace: "w",
      address: `${type}.web`,
      type,
      names,
      from: at("11:00"),
      to: at("13:00"),
    };
    return (await lookup.find(question, AbortSignal.timeout(60_000)))?.confidence ?? null;
  };
  const bucket = event("PutBucketVersioning", "12:01", about("AWS::S3::Bucket"));
  const iam = { EventSource: "iam.amazonaws.com" };
  const role = { ResourceType: "AWS::IAM::Role", ResourceName: "web" };
  const update = event("PutRolePolicy", "12:01", { ...iam, Resources: [role] });
  expect(await sure("aws_s3_bucket", ["web"], bucket)).toBe("exact");
  // A part whose id is its bucket's, where the call says that part.
  expect(await sure("aws_s3_bucket_versioning", ["web"], bucket)).toBe("exact");
  expect(await sure("aws_s3_bucket_logging", ["web"], bucket)).toBe("guess");
  // The same name in another service, in the same service, and of a type that nobody could tell.
  expect(await sure("aws_iam_role", ["web"], bucket)).toBeNull();
  expect(await sure("aws_iam_role", ["web"], update)).toBe("exact");
  expect(await sure("aws_iam_user", ["web"], update)).toBe("guess");
  expect(await sure("aws_iam_role_policy", ["other:web", "web"], update)).toBe("guess");
  expect(await sure("aws_s3_bucket", ["web"], event("PutBucketAcl", "12:01", about(undefined)))).toBe(
    "guess",
  );
  expect(await sure("aws_s3_bucket", ["web"], event("PutBucketAcl", "12:01", s3))).toBe("guess");
  await receiver.close();
});

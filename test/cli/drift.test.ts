import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EngineDistribution } from "../../src/ports/engine.ts";
import { foundHere } from "../contract/engine-bench.ts";
import { createStages, photograph } from "./drift-stage.ts";
import { cli } from "./world.ts";

const ENGINES: readonly EngineDistribution[] = ["terraform", "tofu"];
const found = await Promise.all(ENGINES.map(foundHere));

const CODE = `
terraform {
  required_providers {
    kafka = { source = "mongey/kafka" }
  }
}
variable "size" { default = 3 }
resource "aws_db_instance" "orders" {
  identifier        = "prod-orders"
  engine            = "postgres"
  instance_class    = "db.r6g.large"
  allocated_storage = 100
  password          = "hunter2hunter2"
  tags              = { team = "orders", "a.b" = "x" }
}
resource "aws_s3_bucket" "logs" {
  bucket = "logs-of-all"
  versioning {
    enabled = true
  }
}
resource "aws_s3_bucket" "gone" {
  bucket = "gone-soon"
}
resource "aws_security_group" "web" {
  name = "web"
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
resource "kafka_topic" "old" {
  name               = "moved"
  partitions         = 1
  replication_factor = 1
}
resource "kafka_topic" "each" {
  for_each           = toset(["a.b", "c"])
  name               = each.key
  partitions         = 3
  replication_factor = 1
  config             = { "retention.ms" = "100" }
}
module "m" {
  source = "../parts/topic"
  count  = 2
  name   = "n\${count.index}"
}
`;
const PART = `
terraform {
  required_providers {
    kafka = { source = "mongey/kafka" }
  }
}
variable "name" {}
resource "kafka_topic" "t" {
  count              = 1
  name               = var.name
  partitions         = 3
  replication_factor = 1
}
`;

describe.each(ENGINES)("drift with %s", (distribution) => {
  const engine = found[ENGINES.indexOf(distribution)];
  const real = test.skipIf(!engine); // without this engine on this machine
  let stages: Awaited<ReturnType<typeof createStages>>;
  beforeAll(async () => {
    stages = await createStages(engine?.binary ?? "", distribution);
  });
  afterAll(() => stages.close());

  real("every cause by its own hand, each at its own path", async () => {
    const stage = stages.open({ "main.tf": CODE, "../parts/topic/main.tf": PART });
    await stage.apply();
    expect(await stage.drift()).toMatchObject({
      code: 0,
      workspace: "local//net work#default",
      findings: [],
      summary: {},
    });
    const { cloud } = stage;
    cloud.set("aws_db_instance", "prod-orders", {
      instance_class: "db.r6g.4xlarge",
      iops: 12_000,
      tags: { team: "orders", "a.b": "y", "c/d": "z" },
    });
    cloud.set("aws_s3_bucket", "logs-of-all", { versioning: [{ enabled: false }] });
    cloud.remove("aws_s3_bucket", "gone-soon");
    cloud.set("kafka_topic", "a.b", { config: { "retention.ms": "200" } });
    cloud.set("kafka_topic", "n1", { partitions: 5 });
    cloud.set("kafka_topic", "moved", { partitions: 7 });
    cloud.edit(({ resources }) => {
      const [group] = Object.values(resources["aws_security_group"] ?? {});
      const rules = group?.["ingress"];
      if (!Array.isArray(rules)) throw new Error("the group has no rules");
      rules.push({
        from_port: 22,
        to_port: 22,
        protocol: "tcp",
        cidr_blocks: ["0.0.0.0/0"],
      });
    });
    stage.write(
      "main.tf",
      CODE.replace("= 100", "= 200").replace('"kafka_topic" "old"', '"kafka_topic" "new"') +
        'moved {\n  from = kafka_topic.old\n  to = kafka_topic.new\n}\nresource "aws_s3_bucket" "more" {\n  bucket = "more-of-it"\n}\n',
    );
    const before = photograph(stage.dir);
    const told = await stage.drift();
    expect(told.code).toBe(2);
    expect(told.lines).toEqual([
      "aws_db_instance.orders allocated_storage unapplied",
      "aws_db_instance.orders instance_class console",
      "aws_db_instance.orders iops unmanaged",
      'aws_db_instance.orders tags["a.b"] console',
      'aws_db_instance.orders tags["c/d"] console',
      "aws_s3_bucket.gone  vanished",
      "aws_s3_bucket.logs versioning[0].enabled console",
      "aws_s3_bucket.more  unapplied",
      "aws_security_group.web ingress console",
      'kafka_topic.each["a.b"] config["retention.ms"] console',
      "kafka_topic.new partitions console",
      "module.m[1].kafka_topic.t[0] partitions console",
    ]);
    expect(told.summary).toEqual({ console: 8, unmanaged: 1, vanished: 1, unapplied: 2, absorbed: null });
    expect(told.findings.find(({ path }) => path === "instance_class")).toEqual({
      address: "aws_db_instance.orders",
      path: "instance_class",
      cause: "console",
      recorded: "db.r6g.large",
      actual: "db.r6g.4xlarge",
      desired: "db.r6g.large",
      sensitive: false,
    });
    expect(photograph(stage.dir)).toEqual(before);
    expect(stage.cloud.requests().filter(({ call }) => call !== "create")).toEqual([]);
  });
});

const distribution = found[0] ? "terraform" : "tofu";
const engine = found[0] ?? found[1];
const real = test.skipIf(!engine); // without an engine on this machine

const BUCKET = `variable "name" { default = "logs-of-all" }
variable "acl" { default = "private" }
resource "aws_s3_bucket" "logs" {
  bucket = "\${var.name}-\${terraform.workspace}"
  acl    = var.acl
}
`;
const B = "aws_s3_bucket.logs";

// Each test waits for engines most of the time.
describe.concurrent("drift of a folder", () => {
  let stages: Awaited<ReturnType<typeof createStages>>;
  beforeAll(async () => {
    stages = await createStages(engine?.binary ?? "", distribution);
  });
  const servers: { close(): void }[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
    stages.close();
  });

  real("absorbed, with and without the commit that was applied last; inputs apart", async () => {
    const stage = stages.open({ "main.tf": DB, "prod.tfvars": 'class = "db.r6g.large"\n' });
    await stage.git("init", "--quiet");
    await stage.git("add", "main.tf", "prod.tfvars");
    await stage.git("commit", "--quiet", "-m", "as applied");
    await stage.apply("-var-file=prod.tfvars");
    stage.cloud.set("aws_db_instance", "orders", { instance_class: "db.r6g.4xlarge" });
    await stage.apply("-refresh-only", "-var-file=prod.tfvars");
    stage.write("main.tf", DB.replace("= 100", "= 200"));
    const argv = ["--var-file", "net work/prod.tfvars"];
    const before = photograph(stage.dir);
    const unsure = await stage.drift(argv);
    expect(unsure.lines).toEqual([`${D} allocated_storage unapplied`, `${D} instance_class unapplied`]);
    expect(unsure.summary).toEqual({ unapplied: 2, absorbed: null });
    const sure = await stage.drift([...argv, "--last-applied", "HEAD"]);
    expect(sure.lines).toEqual([`${D} allocated_storage unapplied`, `${D} instance_class absorbed`]);
    expect(sure.summary).toEqual({ unapplied: 1, absorbed: 1 });
    expect(photograph(stage.dir)).toEqual(before);
  });

  real("the last-applied commit of a folder deep in a repository, in a workspace of its own", async () => {
    const call = (count: number) =>
      `module "m" {\n  source = "../../parts/topic"\n  count  = ${count}\n  name   = "n\${count.index}"\n}\n`;
    const stage = stages.open({ "envs/prod/main.tf": call(3), "parts/topic/main.tf": PART });
    const at = { in: "envs/prod" };
    await stage.git("init", "--quiet");
    await stage.git("add", "envs", "parts");
    await stage.git("commit", "--quiet", "-m", "as applied");
    await stage.engine(["init", "-input=false"], at);
    await stage.engine(["workspace", "new", "blue"], at);
    await stage.engine(["apply", "-auto-approve"], at);
    stage.cloud.set("kafka_topic", "n1", { partitions: 9 });
    stage.cloud.remove("kafka_topic", "n2");
    await stage.engine(["apply", "-auto-approve", "-refresh-only"], at);
    stage.write("parts/topic/main.tf", PART.replace("partitions         = 3", "partitions         = 5"));
    stage.write("envs/prod/main.tf", call(4));
    const before = photograph(stage.dir);
    const told = await stage.drift(["--last-applied", "HEAD"], { ...at, env: { TF_WORKSPACE: "blue" } });
    const topic = (index: number) => `module.m[${index}].kafka_topic.t[0]`;
    expect(told.lines).toEqual([
      `${topic(0)} partitions unapplied`,
      `${topic(1)} partitions absorbed`,
      `${topic(2)}  vanished`,
      `${topic(3)}  unapplied`,
    ]);
    expect(told.workspace).toBe("local//prod#blue");
    expect(photograph(stage.dir)).toEqual(before);
    const wrong = await stage.drift(["--last-applied", "nowhere"], at);
    expect(wrong).toMatchObject({ code: 1, error: { code: "git-failed" } });
  });

  real("a variable that changed outside the code is an input", async () => {
    const stage = stages.open({ "main.tf": DB, "../sizes/prod.tfvars": 'class = "db.r6g.large"\n' });
    const file = join(stage.dir, "../sizes/prod.tfvars");
    await stage.git("init", "--quiet", "..");
    await stage.git("add", "main.tf", file);
    await stage.git("commit", "--quiet", "-m", "as applied");
    await stage.apply(`-var-file=${file}`);
    stage.write("../sizes/prod.tfvars", 'class = "db.r6g.xlarge"\n');
    const { lines, code } = await stage.drift(["--var-file=sizes/prod.tfvars", "--last-applied=HEAD"]);
    expect({ lines, code }).toEqual({ lines: [`${D} instance_class input`], code: 2 });
  });

  real(
    "a data source that reads something else is an input; a hand at a constant is still absorbed",
    async () => {
      const size = (value: string) => `output "class" {\n  value = "${value}"\n}\n`;
      const code = `data "terraform_remote_state" "sizes" {
  backend = "local"
  config  = { path = "\${path.module}/../sizes/terraform.tfstate" }
}
locals {
  class = data.terraform_remote_state.sizes.outputs.class
}
${DB.replace("var.class", "local.class")}`;
      const stage = stages.open({ "main.tf": code, "../sizes/main.tf": size("db.r6g.large") });
      await stage.engine(["apply", "-auto-approve"], { in: "../sizes" });
      await stage.git("init", "--quiet", "..");
      await stage.git("add", "main.tf");
      await stage.git("commit", "--quiet", "-m", "as applied");
      await stage.apply();
      stage.cloud.set("aws_db_instance", "orders", { allocated_storage: 400 });
      await stage.apply("-refresh-only");
      stage.write("../sizes/main.tf", size("db.r6g.xlarge"));
      await stage.engine(["apply", "-auto-approve"], { in: "../sizes" });
      const { lines } = await stage.drift(["--last-applied=HEAD"]);
      expect(lines).toEqual([`${D} allocated_storage absorbed`, `${D} instance_class input`]);
    },
  );

  real("the workspace that is selected, or named by the environment; state beside the code", async () => {
    const stage = stages.open({ "main.tf": BUCKET });
    await stage.engine(["init", "-input=false"]);
    await stage.engine(["workspace", "new", "staging"]);
    await stage.apply();
    stage.cloud.set("aws_s3_bucket", "logs-of-all-staging", { acl: "public-read" });
    stage.write(".terraform/environment", "staging");
    const before = photograph(stage.dir);
    const wanted = { code: 2, workspace: "local//net work#staging", lines: [`${B} acl console`] };
    expect(await stage.drift()).toMatchObject(wanted);
    const named = await stage.drift([], { env: { TF_WORKSPACE: "default" } });
    expect(named).toMatchObject({
      code: 2,
      workspace: "local//net work#default",
      lines: [`${B}  unapplied`],
    });
    expect(photograph(stage.dir)).toEqual(before);
  });

  real("a workspace that is not there is not made", async () => {
    const stage = stages.open({ "main.tf": BUCKET });
    const before = photograph(stage.dir);
    const told = await stage.drift([], { env: { TF_WORKSPACE: "nope" } });
    expect(told.error?.message).toMatch(/nope/);
    expect(told.code).toBe(1);
    expect(photograph(stage.dir)).toEqual(before);
  });

  real("no state yet: all of the code is unapplied, its secrets null", async () => {
    const stage = stages.open({ "main.tf": DB });
    const { findings, code, lines } = await stage.drift();
    expect({ code, lines }).toEqual({ code: 2, lines: [`${D}  unapplied`] });
    expect(findings[0]).toMatchObject({ recorded: null, actual: null, sensitive: true });
    expect(findings[0]?.desired).toMatchObject({ identifier: "orders", password: null });
    expect(JSON.stringify(findings)).not.toContain("hunter2");
  });

  real("a backend that was configured by hand, over HTTP", async () => {
    const states = await stateServer();
    servers.push(states);
    const stage = stages.open({ "main.tf": `terraform {\n  backend "http" {}\n}\n${DB}` });
    const config = [`-backend-config=address=${states.url}`];
    const own = { env: { TF_DATA_DIR: ".terraform" } };
    await stage.engine(["init", "-input=false", ...config], own);
    await stage.engine(["apply", "-auto-approve"], own);
    stage.cloud.set("aws_db_instance", "orders", { instance_class: "db.r6g.4xlarge" });
    const before = photograph(stage.dir);
    expect((await stage.drift()).lines).toEqual([`${D} instance_class console`]);
    expect(photograph(stage.dir)).toEqual(before);
    expect(states.calls.slice(states.calls.lastIndexOf("POST") + 1).every((call) => call === "GET")).toBe(
      true,
    );
  });

  real("a lock file that is there, complete or not, stays as it is", async () => {
    const stage = stages.open({ "main.tf": DB });
    await stage.engine(["init", "-input=false"]);
    await stage.engine(["apply", "-auto-approve"]);
    const whole = stage.read(".terraform.lock.hcl");
    for (const text of [whole, whole.replace(/ *hashes *= *\[[^\]]*\]\n/, ""), "# nothing yet\n"]) {
      stage.write(".terraform.lock.hcl", text);
      const before = photograph(stage.dir);
      expect(await stage.drift()).toMatchObject({ code: 0, lines: [] });
      expect(photograph(stage.dir)).toEqual(before);
    }
  });

  real("code that says where it lies, and writes beside itself, says the same of the copy", async () => {
    const stage = stages.open({
      "main.tf": `resource "terraform_data" "here" {
  input = { here = abspath(path.module), cwd = path.cwd, files = fileset(path.module, "parts/**") }
}
`,
      "parts/deep/a.txt": "a",
    });
    await stage.apply();
    expect(await stage.drift()).toMatchObject({ code: 0, lines: [] });
  });

  real("what fails leaves no trace and says what the engine said", async () => {
    const stage = stages.open({ "main.tf": `${DB}output "x" {\n  value = var.nope\n}\n` });
    const before = photograph(stage.dir);
    const { code, error, findings } = await stage.drift();
    expect({ code, findings }).toEqual({ code: 1, findings: undefined });
    expect(error?.code).toBe("engine-failed");
    expect(error?.message).toMatch(/Reference to undeclared input variable[\s\S]*on main\.tf line/);
    const gone = await stage.drift(["--var-file", "gone.tfvars"]);
    expect(gone.error?.message).toContain(join(stage.dir, "..", "gone.tfvars"));
    expect(photograph(stage.dir)).toEqual(before);
    const missing = await stage.drift([], { env: { PLUMBLINE_ENGINE: "/nowhere/terraform" } });
    expect(missing).toMatchObject({ code: 1, error: { code: "engine-missing" } });
  });

  real("stopped in the middle", async () => {
    const stage = stages.open({ "main.tf": DB });
    const before = photograph(stage.dir);
    const stop = new AbortController();
    const argv = ["drift", stage.dir, "--json", "--engine", distribution];
    const { code, out } = await cli(argv, {
      env: stage.env,
      stop: stop.signal,
      onErr: (text) => text.includes(" plan ...") && stop.abort(),
    });
    expect({ code, told: JSON.parse(out).error.code }).toEqual({ code: 1, told: "interrupted" });
    expect(photograph(stage.dir)).toEqual(before);
  });

  real(
    "how providers write nothing is noise, what they compute too; a value at the same places alarms",
    async () => {
      const stage = stages.open({ "main.tf": `${DB}${ROLE}` });
      await stage.apply();
      const record = (values: Record<string, unknown>): void => {
        const state = JSON.parse(stage.read("terraform.tfstate"));
        const [held] = state.resources.find(
          ({ type }: { type: string }) => type === "aws_db_instance",
        ).instances;
        Object.assign(held.attributes, values);
        stage.write("terraform.tfstate", JSON.stringify(state));
      };
      record(NOTHING);
      stage.cloud.set("aws_db_instance", "orders", { status: "stopped", endpoint: "elsewhere:5432" });
      stage.cloud.set("aws_iam_role", "r", { assume_role_policy: POLICY.replaceAll(",", ", \n ") });
      const noise = await stage.drift(["--all"]);
      expect(noise).toMatchObject({ code: 0 });
      const places = [...Object.keys(NOTHING), "endpoint", "status"].map((path) => `${D} ${path} noise`);
      expect(noise.lines).toEqual([...places, "aws_iam_role.r assume_role_policy noise"].sort());
      expect(await stage.drift()).toMatchObject({ code: 0, lines: [], summary: {} });
      record(SOMETHING);
      stage.cloud.set("aws_iam_role", "r", { assume_role_policy: POLICY.replace("Allow", "Deny") });
      const alarm = await stage.drift();
      const twins = Object.keys(SOMETHING).map(
        (path) => `${D} ${path === "tags" ? "tags.a" : path} unmanaged`,
      );
      expect(alarm.lines).toEqual([...twins, "aws_iam_role.r assume_role_policy console"].sort());
    },
  );

  real("sensitive values are null at their own paths, unknown ones say so", async () => {
    const topic = (more: string) => `variable "token" {
  sensitive = true
  default   = "hunter2hunter2"
}
resource "aws_db_instance" "orders" {
  identifier        = "orders"
  engine            = "postgres"
  instance_class    = "db.r6g.large"
  allocated_storage = 100
  tags              = { plain = "a", secret = var.token, later = ${more} }
}
`;
    const stage = stages.open({ "main.tf": topic('"x"') });
    await stage.apply();
    const tags = { plain: "b", secret: "letmein-letmein", later: "x" };
    stage.cloud.set("aws_db_instance", "orders", { tags });
    stage.write("main.tf", `${topic("terraform_data.new.id")}resource "terraform_data" "new" {}\n`);
    const { findings } = await stage.drift();
    const at = (path: string) => findings.find((one) => one.path === path);
    expect(at("tags.plain")).toMatchObject({ cause: "console", recorded: "a", actual: "b", desired: "a" });
    const hidden = { recorded: null, actual: null, desired: null, sensitive: true };
    expect(at("tags.secret")).toMatchObject({ cause: "console", ...hidden });
    const unknown = { recorded: "x", actual: "x", desired: { unknown: true }, sensitive: false };
    expect(at("tags.later")).toMatchObject({ cause: "unapplied", ...unknown });
    expect(findings.map(({ path }) => path).sort()).toEqual(["", "tags.later", "tags.plain", "tags.secret"]);
    expect(JSON.stringify(findings)).not.toMatch(/hunter2|letmein/);
  });

  real("a cloud that does not answer is no answer", async () => {
    const stage = stages.open({ "main.tf": DB });
    await stage.apply();
    stage.cloud.edit((account) => {
      account.faults = { "*.read": "AccessDenied: not yours" };
    });
    const { code, error } = await stage.drift();
    expect({ code, error: error?.code }).toEqual({ code: 1, error: "engine-failed" });
    expect(error?.message).toContain("AccessDenied: not yours");
  });

  real("what is left of a replacement is told as what it is", async () => {
    const bucket = (name: string) =>
      `resource "aws_s3_bucket" "b" {\n  bucket = "${name}"\n  lifecycle {\n    create_before_destroy = true\n  }\n}\n`;
    const stage = stages.open({ "main.tf": bucket("first-one") });
    await stage.apply();
    stage.write("main.tf", bucket("second-one"));
    stage.cloud.edit((account) => {
      account.faults = { "*.delete": "AccessDenied" };
    });
    await stage.apply().catch(() => undefined);
    const { findings, code } = await stage.drift();
    expect(code).toBe(2);
    expect(findings).toMatchObject([
      { address: "aws_s3_bucket.b", path: "", cause: "unapplied", desired: null },
    ]);
  });
});

const stateServer = async () => {
  const calls: string[] = [];
  let state: Buffer | null = null;
  const server = createServer(async (request, answer) => {
    calls.push(request.method ?? "");
    if (request.method === "POST") state = Buffer.concat(await request.toArray());
    answer.statusCode = request.method === "GET" && !state ? 404 : 200;
    answer.end(request.method === "GET" ? (state ?? "") : "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => void server.close();
  return { close, calls, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/state` };
};

const DB = `variable "class" { default = "db.r6g.large" }
resource "aws_db_instance" "orders" {
  identifier        = "orders"
  engine            = "postgres"
  instance_class    = var.class
  allocated_storage = 100
  password          = "hunter2hunter2"
}
`;
const D = "aws_db_instance.orders";

const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole" }],
});
const ROLE = `resource "aws_iam_role" "r" {
  name               = "r"
  assume_role_policy = ${JSON.stringify(POLICY)}
}
`;
const NOTHING = {
  db_name: "",
  kms_key_id: "",
  max_allocated_storage: 0,
  iam_database_authentication_enabled: false,
  tags: {},
};
const SOMETHING = {
  db_name: "x",
  kms_key_id: "k",
  max_allocated_storage: 7,
  iam_database_authentication_enabled: true,
  tags: { a: "b" },
};

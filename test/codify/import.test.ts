// biome-ignore-all lint/suspicious/noTemplateCurlyInString: HCL holds templates of its own.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { secondOpinion } from "../../src/adapters/hcl-second-opinion.ts";
import { loadHcl } from "../../src/adapters/hcl-wasm.ts";
import { secretScanner } from "../../src/adapters/secret-scanner.ts";
import { readImportWish } from "../../src/codify/import-target.ts";
import type { Plan } from "../../src/model/plan.ts";
import { readPlan } from "../../src/plan/read.ts";
import type { Codified } from "../../src/run/codify.ts";
import { codifyImports } from "../../src/run/codify-import.ts";
import { type Bench, createWorkshop, foundHere, type Workshop } from "../contract/engine-bench.ts";
import { mustWork } from "./bench.ts";

describe("ADDRESS=ID", () => {
  test.each([
    ["aws_s3_bucket.logs=my-logs", "aws_s3_bucket.logs", "my-logs"],
    ["module.a.aws_x.y=a=b/c", "module.a.aws_x.y", "a=b/c"],
    ['aws_x.y["a=b"]=id', 'aws_x.y["a=b"]', "id"],
  ])("%s", (text, address, id) => {
    expect(readImportWish(text)).toEqual({ address, id });
  });
  test.each(["", "aws_x.y", "=id", "aws_x.y="])("%j is none", (text) => {
    expect(() => readImportWish(text)).toThrow("--import is ADDRESS=ID");
  });
});

const FILES = {
  "main.tf": `# Orders
resource "aws_db_instance" "orders" {
  identifier        = "orders"
  engine            = "postgres"
  instance_class    = "db.t3.small" # cheap
  allocated_storage = 20
}

module "store" {
  source = "./modules/store"
}

module "twice" {
  source   = "./modules/twice"
  for_each = toset(["a", "b"])
  name     = each.key
}

# the last word
`,
  "network.tf": `resource "aws_security_group" "web" {
  name = "web"
}
`,
  "modules/store/main.tf": 'resource "aws_s3_bucket" "one" {\n  bucket = "one-bucket"\n}\n',
  "modules/twice/main.tf":
    'variable "name" {}\n\nresource "aws_dynamodb_table" "this" {\n  name     = var.name\n  hash_key = "id"\n}\n',
};

const SECRET = ["AK", "IAIOSFODNN7EXAMPLE"].join("");
/** Only the scanner's rules know it. */
const SCANNED = ["lin", "_api_", "aB3dE5gH7jK9mN1pQ2rS".repeat(2)].join("");
const POLICY = '{"Version": "2012-10-17",\n "Statement": []}';
const RULE = { name: "expire", enabled: false, prefix: "tmp/", expiration: [{ days: 30 }] };

/** What a person made in the console. */
const byHand = ({ cloud }: Bench): void => {
  const [sg = ""] = Object.keys(cloud.read().resources["aws_security_group"] ?? {});
  cloud.set("aws_db_instance", "reports", {
    ...{ identifier: "reports", engine: "postgres", instance_class: "db.r6g.large", allocated_storage: 100 },
    ...{
      engine_version: "16.3",
      storage_type: "io2",
      iops: 5000,
      availability_zone: "us-east-1a",
      port: 5432,
    },
    ...{ multi_az: false, backup_retention_period: 0, parameter_group_name: "default.postgres" },
    ...{
      auto_minor_version_upgrade: true,
      storage_encrypted: true,
      tags: { Team: "data", "cost-center": "7" },
    },
    ...{ arn: "arn:aws:rds:us-east-1:111122223333:db:reports", vpc_security_group_ids: [sg] },
  });
  // One that no code leaves alone: io2 takes no throughput, and the engine writes it all the same.
  cloud.set("aws_ebs_volume", "vol-0123456789abcdef0", {
    ...{ availability_zone: "us-east-1a", size: 100, type: "io2", iops: 4000, throughput: 125 },
  });
  cloud.set("aws_iam_role", "deploy", { name: "deploy", assume_role_policy: POLICY, path: "/ci/" });
  cloud.set("aws_s3_bucket", "hand-made", {
    bucket: "hand-made",
    lifecycle_rule: [{ id: "expire", ...RULE, name: undefined }],
    tags: { Team: "data", Key: SECRET, Tracker: SCANNED },
  });
  cloud.set("aws_s3_bucket", "two-bucket", { bucket: "two-bucket", acl: "private" });
  cloud.set("aws_security_group", "sg-0aaaabbbbccccdddd", {
    name: "by-hand",
    vpc_id: "vpc-0demo",
    ingress: [{ from_port: 0, to_port: 443, protocol: "tcp", cidr_blocks: ["10.0.0.0/8"], self: false }],
  });
  cloud.set("aws_dynamodb_table", "third", { name: "third", hash_key: "id", read_capacity: 5 });
};

const found = { terraform: await foundHere("terraform"), tofu: await foundHere("tofu") };

describe.each(["terraform", "tofu"] as const)("made by hand, taken over with %s", (distribution) => {
  const binary = found[distribution]?.binary;
  const real = test.skipIf(!binary);
  let workshop: Workshop;
  let bench: Bench;
  let original: Plan;

  beforeAll(async () => {
    if (!binary) return;
    workshop = await createWorkshop(binary, { resident: true });
    bench = await workshop.open();
    await put(FILES);
    const { engine, call } = bench;
    mustWork(await engine.init(call));
    await plan("first");
    mustWork(await engine.apply(call, bench.path("first")));
    byHand(bench);
    original = await plan("original");
    await mkdir(bench.path("scratch"));
  }, 120_000);
  afterAll(() => workshop?.close());

  const put = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(bench.call.dir, path)), { recursive: true });
      await writeFile(join(bench.call.dir, path), text);
    }
  };
  const plan = async (name: string): Promise<Plan> => {
    const { engine, call } = bench;
    mustWork(await engine.plan(call, { out: bench.path(name), lock: false }));
    return readPlan(mustWork(await engine.show(call, bench.path(name))).json);
  };
  const takeOver = async (...wishes: readonly string[]): Promise<Codified> =>
    codifyImports({
      workspace: {
        engine: bench.engine,
        call: bench.call,
        repoRoot: bench.call.dir,
        varFiles: [],
        planFile: bench.path("original"),
      },
      plan: original,
      wishes: wishes.map(readImportWish),
      edited: {},
      parse: await loadHcl(),
      reads: secondOpinion(),
      scanner: secretScanner(),
      scratch: bench.path("scratch"),
      progress: () => undefined,
    });

  real("what cannot be taken over is said, and nothing is made", async () => {
    const { engine, call } = bench;
    for (const [wish, words] of [
      ["aws_db_instance.orders=reports", "main.tf has this resource already"],
      ["aws_db_instance.a[0]=reports", "an instance comes from the for_each or count of its block"],
      ["data.aws_x.y=reports", "not the address of a managed resource"],
      ["module.none.aws_s3_bucket.a=two-bucket", "module.none is not written"],
      ["aws_db_instance.none=no-such", 'There is no aws_db_instance "no-such"'],
    ] as const)
      await expect(takeOver(wish)).rejects.toThrow(words);
    const gone = await takeOver('module.twice["a"].aws_dynamodb_table.other=third');
    expect(gone).toMatchObject({ result: "refused", files: {} });
    expect(gone.refused[0]?.reason).toContain('module.twice["b"].aws_dynamodb_table.other');
    expect(await engine.stateVersion(call)).toMatchObject({ serial: expect.any(Number) });
  });

  real(
    "many things at once, into root and module, are imported and no more",
    { timeout: 120_000 },
    async () => {
      const told = await takeOver(
        "aws_db_instance.reports=reports",
        "aws_ebs_volume.scratch=vol-0123456789abcdef0",
        "aws_iam_role.deploy=deploy",
        "aws_s3_bucket.hand_made=hand-made",
        "aws_security_group.by_hand=sg-0aaaabbbbccccdddd",
        "module.store.aws_s3_bucket.two=two-bucket",
      );
      const all = Object.entries(told.files)
        .map(([path, text]) => `--- ${path}\n${text}`)
        .join("\n");
      const shown = `${all}\n${JSON.stringify(told.refused, null, 1)}`;
      expect(told.result, shown).toBe("partial");
      expect(told.refused, shown).toMatchObject([
        { address: "aws_s3_bucket.hand_made", path: "tags.Key" },
        { address: "aws_s3_bucket.hand_made", path: "tags.Tracker" },
      ]);
      for (const one of [SECRET, SCANNED]) expect(shown).not.toContain(one);
      expect(told.remaining).toEqual([]);
      expect(told.files["main.tf"], shown).toBe(`${FILES["main.tf"]}${MAIN}`);
      expect(told.files["network.tf"], shown).toBe(`${FILES["network.tf"]}${NETWORK}`);
      expect(told.files["modules/store/main.tf"], shown).toBe(
        `${FILES["modules/store/main.tf"]}\nresource "aws_s3_bucket" "two" {\n  bucket = "two-bucket"\n}\n`,
      );

      await put(told.files);
      const files = Object.keys(told.files).map((path) => join(bench.call.dir, path));
      expect(await bench.engine.unformatted(bench.call, files)).toEqual([]);
      const last = await plan("last");
      expect(actions(last)).toEqual(Array(6).fill("import"));
      mustWork(await bench.engine.apply(bench.call, bench.path("last")));
      expect(actions(await plan("after"))).toEqual([]);
      expect(bench.cloud.requests().filter(({ call }) => call === "update" || call === "delete")).toEqual([]);
      expect(await readFile(join(bench.call.dir, "main.tf"), "utf8")).toContain("# the last word");
    },
  );
});

const actions = ({ changes }: Plan): readonly string[] =>
  changes.map(({ action }) => action).filter((action) => action !== "no-op");

const MAIN = `
import {
  to = aws_db_instance.reports
  id = "reports"
}

resource "aws_db_instance" "reports" {
  identifier             = "reports"
  engine                 = "postgres"
  instance_class         = "db.r6g.large"
  allocated_storage      = 100
  iops                   = 5000
  storage_encrypted      = true
  storage_type           = "io2"
  vpc_security_group_ids = [aws_security_group.web.id]
  tags = {
    Team        = "data"
    cost-center = "7"
  }
}

import {
  to = aws_ebs_volume.scratch
  id = "vol-0123456789abcdef0"
}

resource "aws_ebs_volume" "scratch" {
  availability_zone = "us-east-1a"
  iops              = 4000
  size              = 100
  type              = "io2"
}

import {
  to = aws_iam_role.deploy
  id = "deploy"
}

resource "aws_iam_role" "deploy" {
  name               = "deploy"
  assume_role_policy = "{\\"Version\\": \\"2012-10-17\\",\\n \\"Statement\\": []}"
  path               = "/ci/"
}

import {
  to = aws_s3_bucket.hand_made
  id = "hand-made"
}

resource "aws_s3_bucket" "hand_made" {
  bucket = "hand-made"
  tags = {
    Team = "data"
  }

  lifecycle_rule {
    enabled = false
    id      = "expire"
    prefix  = "tmp/"

    expiration {
      days = 30
    }
  }

  lifecycle {
    ignore_changes = [tags["Key"], tags["Tracker"]]
  }
}

import {
  to = module.store.aws_s3_bucket.two
  id = "two-bucket"
}
`;

const NETWORK = `
import {
  to = aws_security_group.by_hand
  id = "sg-0aaaabbbbccccdddd"
}

resource "aws_security_group" "by_hand" {
  name = "by-hand"

  ingress {
    cidr_blocks = ["10.0.0.0/8"]
    from_port   = 0
    protocol    = "tcp"
    self        = false
    to_port     = 443
  }
}
`;

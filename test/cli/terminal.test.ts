import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { foundHere } from "../contract/engine-bench.ts";
import { createStages, type Env, photograph } from "./drift-stage.ts";
import { BIN } from "./world.ts";

const [terraform, tofu] = await Promise.all([foundHere("terraform"), foundHere("tofu")]);
const engine = terraform ?? tofu;
const distribution = terraform ? "terraform" : "tofu";
const real = test.skipIf(!engine); // without an engine on this machine
const SCRIPT = "/usr/bin/script";

let stages: Awaited<ReturnType<typeof createStages>>;
beforeAll(async () => {
  stages = await createStages(engine?.binary ?? "", distribution);
}, 120_000);
afterAll(() => stages.close());

const CODE = `# Orders
resource "aws_db_instance" "orders" {
  identifier        = "orders"
  engine            = "postgres"
  instance_class    = "db.t3.small" # cheap
  allocated_storage = 20
}
`;
const ESC = "\u001B[";

/** What a person sees whose standard output is a terminal: there both streams come as one. */
const onTerminal = async (argv: readonly string[], env: Env): Promise<string> => {
  const words = [process.execPath, BIN, ...argv].map((word) => `'${word}'`).join(" ");
  const made = await promisify(execFile)(SCRIPT, ["-qec", words, "/dev/null"], { env });
  return made.stdout.replaceAll("\r\n", "\n");
};

real(
  "a folder in a repository without plumbline.yaml: findings, coloured diff, proof, progress apart, nothing touched",
  { timeout: 300_000 },
  async () => {
    const stage = stages.open({ "envs/prod/main.tf": CODE });
    const dir = join(stage.dir, "envs/prod");
    const at = { in: "envs/prod" };
    await stage.git("init", "--quiet");
    await stage.git("add", ".");
    await stage.git("commit", "--quiet", "-m", "as applied");
    await stage.engine(["init", "-input=false"], at);
    await stage.engine(["apply", "-auto-approve", "-input=false"], at);
    stage.cloud.set("aws_db_instance", "orders", { instance_class: "db.r6g.large" });
    const before = photograph(stage.dir);

    const drift = await stage.plumbline(["drift", "envs/prod", "--engine", distribution], { cwd: stage.dir });
    expect(drift.code).toBe(2);
    expect(drift.out).toContain("aws_db_instance.orders.instance_class: changed outside of Git (console)");
    expect(drift.out).toContain('in Git "db.t3.small", live "db.r6g.large"');
    expect(drift.err).toMatch(new RegExp(`^${distribution} \\w+ \\.\\.\\.\n`));
    expect(drift.out).not.toContain(" ...\n");

    const argv = ["codify", dir, "--engine", distribution];
    const piped = await stage.plumbline(argv);
    expect(piped.code).toBe(0);
    expect(piped.out).toMatch(/^--- a?\/?main\.tf/);
    expect(piped.out).toContain(
      '-  instance_class    = "db.t3.small" # cheap\n+  instance_class    = "db.r6g.large" # cheap\n',
    );
    expect(piped.out).toContain("Proven: a refreshed plan of the edited code");
    expect(piped.out).toContain("--write puts it into the files");
    expect(piped.out).not.toContain(ESC);
    expect(piped.err).toContain(`${distribution} plan`);

    if (existsSync(SCRIPT)) {
      const seen = await onTerminal(argv, stage.env);
      expect(seen).toContain(`${ESC}31m-  instance_class    = "db.t3.small" # cheap${ESC}0m`);
      expect(seen).toContain(`${ESC}32m+  instance_class    = "db.r6g.large" # cheap${ESC}0m`);
      expect(await onTerminal(argv, { ...stage.env, NO_COLOR: "1" })).not.toContain(ESC);
    }
    expect(photograph(stage.dir)).toEqual(before);

    await stage.engine(["apply", "-refresh-only", "-auto-approve", "-input=false"], at);
    const absorbed = await stage.plumbline([...argv, "--last-applied", "HEAD", "--write"]);
    expect({ code: absorbed.code, out: absorbed.out }).toMatchObject({
      code: 0,
      out: expect.stringContaining("Proven"),
    });
    expect(stage.read("envs/prod/main.tf")).toBe(CODE.replace("db.t3.small", "db.r6g.large"));
    expect(await stage.git("status", "--short", "--untracked-files=no")).toBe("M envs/prod/main.tf");
  },
);

import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { leftByApply, markApply } from "../../src/adapters/apply-marker.ts";
import { isAllowed, isNear } from "../../src/adapters/egress-allowed.ts";
import { type ProcessSpec, runProcess } from "../../src/adapters/engine-process.ts";
import type { Sandbox } from "../../src/adapters/sandbox.ts";
import { openSandbox } from "../../src/adapters/sandbox-open.ts";
import { createWorkshop, foundHere, simpleRedactor } from "../contract/engine-bench.ts";

const open = async (egress: readonly string[] | null): Promise<Sandbox | null> => {
  const found = await openSandbox({ mode: "auto", read: [], write: [], egress }, process.env).catch(
    () => null,
  );
  return found && "sandbox" in found ? found.sandbox : null;
};
const sandbox = await open(null);
const filtered = await open(["localhost:1"]);

let place: string;
let own: string;
beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), "plumbline-sandbox-"));
  own = join(place, "worktrees", "mine");
  await mkdir(own, { recursive: true });
  await mkdir(join(place, "worktrees", "other"));
  await writeFile(join(own, "main.tf"), "");
  await writeFile(join(place, "worktrees", "other", "terraform.tfvars"), "canary-of-another");
  await writeFile(join(place, "key"), "canary-key");
});
afterAll(() => rm(place, { recursive: true, force: true }));

const spec = (box: Sandbox, script: string, more: Partial<ProcessSpec> = {}): ProcessSpec => {
  const confinement = { cwd: own, read: [], write: [own], outlives: false };
  const { env, ...start } = box.wrap("/bin/sh", ["-c", script], confinement);
  return {
    ...start,
    cwd: own,
    env: { PATH: process.env["PATH"] ?? "", ...env },
    redactor: simpleRedactor(),
    label: "the engine",
    graceMs: 300,
    behindBwrap: box.egress === null,
    ...more,
  };
};
const run = (box: Sandbox, script: string, more: Partial<ProcessSpec> = {}) =>
  runProcess(spec(box, script, more));

describe.skipIf(!sandbox)("inside the sandbox (skipped where bubblewrap does not work)", () => {
  const box = sandbox as Sandbox;

  test("a run reads and writes its own checkout and finds nothing else of the service", async () => {
    const { log } = await run(
      box,
      [
        "echo mine > written && cat written",
        `cat ${place}/key ${place}/worktrees/other/terraform.tfvars; ls ${place} ${place}/worktrees`,
        "ls /root /home /var 2>&1; touch /usr/x 2>&1; touch /etc/x 2>&1; echo $HOME; ls -A /tmp",
        `cat /proc/${process.pid}/environ; ls /proc | grep -c '^[0-9]'`,
        "grep CapEff /proc/self/status; id -u; env",
      ].join("\n"),
    );
    expect(log).toMatch(/^mine$/m);
    expect(await readFile(join(own, "written"), "utf8")).toBe("mine\n");
    expect(log).not.toContain("canary");
    expect(log).toContain("/usr/x': Read-only file system");
    expect(log).toContain(`/proc/${process.pid}/environ: No such file`);
    expect(log).toContain("CapEff:\t0000000000000000");
    expect(log).toMatch(/cannot access '\/root'/);
    expect(log).toMatch(/^\/tmp\/home$/m);
    expect(log).not.toContain("VITEST");
  });

  test("an interrupt reaches the engine, and what does not heed it is killed with all that it started", async () => {
    const heard = `trap 'echo heard; exit 3' INT; echo ready; while :; do sleep 0.05; done`;
    const stop = new AbortController();
    const polite = await run(box, heard, { signal: stop.signal, onLine: () => stop.abort() });
    expect(polite).toMatchObject({ aborted: true, exitCode: 3 });
    expect(polite.log).toContain("heard");

    const mark = `deaf-${process.pid}`;
    const deaf = await run(
      box,
      `trap '' INT TERM; sleep 300.${process.pid} & while :; do sleep 0.05; done # ${mark}`,
      {
        timeoutMs: 200,
        graceMs: 100,
      },
    );
    expect(deaf).toMatchObject({ timedOut: true, failed: true });
    const dataDir = join(place, "deaf-data");
    await mkdir(dataDir);
    await markApply(dataDir, { plan: `300.${process.pid}`, cwd: own });
    await expect.poll(async () => (await leftByApply(dataDir, "300.", own)).running).toBe(false);
  });

  test("the mark of an apply finds the engine inside", async () => {
    const dataDir = join(place, "data");
    await mkdir(dataDir);
    const plan = join(place, "scratch", "plan.tfplan");
    await markApply(dataDir, { plan, cwd: own });
    const stop = new AbortController();
    const going = run(box, `trap 'exit 0' INT; echo ready; while :; do sleep 0.05; done`, {
      ...(({ args }) => ({ args: [...args, plan] }))(
        spec(box, `trap 'exit 0' INT; echo ready; while :; do sleep 0.05; done`),
      ),
      signal: stop.signal,
      onLine: () =>
        void leftByApply(dataDir, place, own).then(({ running }) => {
          seen.push(running);
          stop.abort();
        }),
    });
    const seen: boolean[] = [];
    await going;
    expect(seen[0]).toBe(true);
    expect((await leftByApply(dataDir, place, own)).running).toBe(false);
  });

  test("a real plan works inside, and cannot read another workspace or the key", async () => {
    const found = (await foundHere("terraform")) ?? (await foundHere("tofu"));
    if (!found) return;
    const workshop = await createWorkshop(found.binary);
    try {
      const bench = await workshop.open({ sandbox: box });
      await bench.write(
        "main.tf",
        `output "seen" {\n  value = [for path in ["${place}/key", "${place}/worktrees/other/terraform.tfvars", "${place}/worktrees/mine/main.tf"] : fileexists(path)]\n}\nresource "terraform_data" "it" {\n  provisioner "local-exec" {\n    command = "cat ${place}/key; echo end-of-command"\n  }\n}\n`,
      );
      const out = bench.path("out.tfplan");
      expect(await bench.engine.init(bench.call)).toMatchObject({ failed: false });
      expect(await bench.engine.plan(bench.call, { out, lock: true })).toMatchObject({ failed: false });
      const { json } = await bench.engine.show(bench.call, out);
      expect(JSON.parse(json)).toMatchObject({
        planned_values: { outputs: { seen: { value: [false, false, false] } } },
      });
      const applied = await bench.engine.apply(bench.call, out);
      expect(applied).toMatchObject({ failed: false });
      expect(applied.log).toContain("end-of-command");
      expect(applied.log).not.toContain("canary");
    } finally {
      await workshop.close();
    }
  });
});

describe.skipIf(!filtered)("with an allow list of hosts (skipped where bubblewrap does not work)", () => {
  test("only listed places are reached, and only through the proxy", async () => {
    const server = createServer((socket) => socket.end("hello from outside\n"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const box = (await open([`127.0.0.1:${port}`])) as Sandbox;
    const ask = `const n = require('net');
      n.connect(${port}, '127.0.0.1').on('error', (e) => console.log('direct ' + e.code));
      const say = (place) => { const s = n.connect(3128, '127.0.0.1'); let text = '';
        s.on('data', (d) => { text += d; }).on('close', () => console.log(place + ' ' + JSON.stringify(text)));
        s.write('CONNECT ' + place + ' HTTP/1.1\\r\\n\\r\\n'); };
      say('127.0.0.1:${port}'); say('127.0.0.1:${port + 1}'); say('localhost:${port}'); say('169.254.169.254:80');`;
    const { log } = await run(box, `'${process.execPath}' -e "${ask.replaceAll("\n", " ")}"; exit 7`).finally(
      () => server.close(),
    );
    expect(log).toContain("direct ECONNREFUSED");
    expect(log).toContain("hello from outside");
    expect(log).toContain('"169.254.169.254:80" is not in sandbox.egress');
    expect(log.match(/403 Forbidden/g)).toHaveLength(3);
  });

  test("an interrupt passes both programs between us and the engine", async () => {
    const stop = new AbortController();
    const end = await run(
      filtered as Sandbox,
      "trap 'echo heard; exit 3' INT; echo ready; while :; do sleep 0.05; done",
      {
        signal: stop.signal,
        onLine: () => stop.abort(),
        graceMs: 5_000,
      },
    );
    expect(end).toMatchObject({ aborted: true, exitCode: 3 });
    expect(end.log).toContain("heard");
  });
});

test("an allow list names hosts, ports and whatever lies below a domain", () => {
  const list = ["registry.terraform.io", "*.amazonaws.com", "vault.example:8200"];
  const places = ["registry.terraform.io", "REGISTRY.terraform.io.", "s3.eu-west-1.amazonaws.com"];
  for (const host of places) expect(isAllowed(list, host, 443)).toBe(true);
  const others = ["amazonaws.com", "evilamazonaws.com", "registry.terraform.io.evil.example", "1.2.3.4"];
  for (const host of others) expect(isAllowed(list, host, 443)).toBe(false);
  expect(isAllowed(list, "registry.terraform.io", 22)).toBe(false);
  expect(isAllowed(list, "vault.example", 8200)).toBe(true);
  for (const near of ["169.254.169.254", "127.0.0.1", "::1", "::ffff:127.0.0.1", "fe80::1"])
    expect(isNear(near)).toBe(true);
});

import { DATABASE_SCENES } from "./database-scenes.ts";
import { at, change, openDrift, openPull, type Scene } from "./scene.ts";
import { pullDiff, pullText } from "./show.ts";
import { REPO, type Stage } from "./stage.ts";

/** What the story tells of infrastructure, which Terraform or OpenTofu plays. */
export const ENGINE_SCENES: readonly Scene[] = [
  {
    title: "Plumbline looks at what is there",
    play: async (stage) => {
      await stage.settled();
      await stage.nextLook();
      const rows = await stage.service.world.ledger.workspaces.list({ repo: REPO, removed: false });
      return [...rows.map((row) => `workspace ${row.key}`), await openDrift(stage)];
    },
  },
  {
    title: "Dana opens a pull request that resizes the database",
    play: async (stage) => {
      await change(stage, "dana", "resize", {
        "rds/terraform.tfvars": 'instance_class = "db.t4g.large"\nstorage_gb     = 100\n',
      });
      await openPull(stage, "dana", "resize", "Give orders a larger database");
      return pullText(stage, 1);
    },
  },
  {
    title: "Sam opens one that would drop a bucket and lower Kafka retention",
    play: async (stage) => {
      await change(stage, "sam", "tidy", {
        "buckets/terraform.tfvars": edited(
          await read(stage, "buckets/terraform.tfvars"),
          /^ +acme-exports.*\n/m,
          "",
        ),
        "kafka/main.tf": edited(
          await read(stage, "kafka/main.tf"),
          "retention_days = 30",
          "retention_days = 3",
        ),
      });
      await openPull(stage, "sam", "tidy", "Tidy up");
      return pullText(stage, 2);
    },
  },
  {
    title: "Sam reads what it would destroy, and closes it",
    play: async (stage) => {
      await stage.forge.as("sam").close(at(2));
      await stage.settled();
      const locks = await stage.service.world.ledger.locks.list();
      return [
        `locks left: ${locks.map((lock) => `${lock.workspace} by #${lock.pull.number}`).join(", ") || "none"}`,
      ];
    },
  },
  {
    title: "Dana merges the resize: exactly what was reviewed is applied, then verified",
    play: async (stage) => {
      await stage.forge.as("dana").merge(at(1), "squash");
      await stage.settled();
      const size = stage.cloud.read().resources["aws_db_instance"]?.["prod-orders"]?.["instance_class"];
      return [...(await pullText(stage, 1)), `live instance class: ${String(size)}`];
    },
  },
  {
    title: "2 AM: Noor opens port 8443 in the console, and the incident ends",
    play: async (stage) => {
      openPort(stage, 8443);
      return [`live ports of app: ${ports(stage)}`];
    },
  },
  {
    title: "The next scheduled look finds it: an alert, and a pull request that holds the edit, proven",
    play: async (stage) => {
      await stage.nextLook();
      return [
        ...(await pullText(stage, 3)),
        ...(await pullDiff(stage, 3)),
        ...stage.alerts.map(
          (alert) =>
            `alert: ${alert.title}${alert.url ? ` (pull request ${alert.url.split("/").at(-1)})` : ""}${alert.who ? `, by ${alert.who}` : ""}`,
        ),
      ];
    },
  },
  {
    title: "Three weeks later: a routine change to the same security group",
    play: async (stage) => {
      await change(stage, "dana", "tags", {
        "network/variables.tf": edited(
          await read(stage, "network/variables.tf"),
          '{ team = "platform" }',
          '{ team = "platform", cost_center = "4711" }',
        ),
      });
      await openPull(stage, "dana", "tags", "Tag the network with its cost center");
      await stage.forge.as("dana").comment(at(4), "plumbline apply");
      await stage.settled();
      return [...(await pullText(stage, 4)), `live ports of app: ${ports(stage)}`];
    },
  },
  {
    title: "Noor reads the edit and comments `plumbline formalize`: merged, recorded, the drift is over",
    play: async (stage) => {
      await stage.forge.as("noor").comment(at(3), "plumbline formalize");
      await stage.settled();
      return [
        ...(await pullText(stage, 3)),
        await openDrift(stage),
        `alerts: ${stage.alerts.map((alert) => alert.event).join(", ")}`,
      ];
    },
  },
  {
    title: "Dana's change was planned again: only the tags. Merged and applied",
    play: async (stage) => {
      const before = await pullText(stage, 4);
      await stage.forge.as("dana").merge(at(4));
      await stage.settled();
      return [...before, ...(await pullText(stage, 4)), `live ports of app: ${ports(stage)}`];
    },
  },
  {
    title: "The next look is quiet, although the database says that it is being backed up",
    play: async (stage) => {
      stage.cloud.set("aws_db_instance", "prod-orders", { status: "backing-up" });
      const before = stage.forge.pulls(REPO).length;
      await stage.nextLook();
      const changed = stage.cloud
        .requests()
        .filter((line) => line.call === "update" || line.call === "delete");
      return [
        await openDrift(stage),
        `new pull requests: ${stage.forge.pulls(REPO).length - before}`,
        `what Plumbline changed in the cloud: ${changed.map((line) => `${line.call} ${line.type}`).join(", ")}`,
      ];
    },
  },
];

/** The story that Plumbline exists for, scene by scene; each one leaves the stage settled. */
export const SCENES: readonly Scene[] = [...ENGINE_SCENES, ...DATABASE_SCENES];

const read = async (stage: Stage, path: string): Promise<string> => {
  const text = await stage.forge.read(REPO, "main", path);
  if (text === null) throw new Error(`The demo's repository has no ${path}.`);
  return text;
};

const edited = (text: string, what: string | RegExp, by: string): string => {
  const after = text.replace(what, by);
  if (after === text) throw new Error(`The demo's edit of ${String(what)} changed nothing.`);
  return after;
};

interface Rule {
  readonly from_port: number;
}
const appGroup = (stage: Stage): [string, { ingress: Rule[] }] => {
  const groups = Object.entries(stage.cloud.read().resources["aws_security_group"] ?? {});
  const found = groups.find(([, group]) => group["name"] === "app");
  if (!found) throw new Error("The demo's cloud has no security group app.");
  return found as unknown as [string, { ingress: Rule[] }];
};

const openPort = (stage: Stage, port: number): void => {
  const [id, group] = appGroup(stage);
  const like = group.ingress[0];
  const rule = { ...like, description: "callback", from_port: port, to_port: port };
  stage.cloud.set("aws_security_group", id, { ingress: [...group.ingress, rule] }, "noor");
};

const ports = (stage: Stage): string =>
  appGroup(stage)[1]
    .ingress.map((rule) => rule.from_port)
    .toSorted((left, right) => left - right)
    .join(", ");

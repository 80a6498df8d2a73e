import { expect, test } from "vitest";
import { durableChanges, fileChanges } from "../../src/gate/durable.ts";
import type { InspectedChange } from "../../src/model/plan.ts";

const change = (more: Partial<InspectedChange>): InspectedChange => ({
  address: "aws_db_instance.orders",
  type: "aws_db_instance",
  provider: "registry.terraform.io/hashicorp/aws",
  actions: ["update"],
  action: "update",
  class: "R3",
  stateful: true,
  destructive: false,
  reasons: [],
  ...more,
});

test("each reason of a plan keeps its way out and names what it is about", () => {
  const reasons = [
    { rule: "update", message: "Updates the RDS instance in place." },
    {
      rule: "deletion-protection-off",
      message: "The protection is turned off.",
      path: "deletion_protection",
      wayOut: "Leave it on.",
    },
  ];
  expect(durableChanges({ changes: [change({ reasons })] })).toMatchObject([
    { place: "aws_db_instance.orders", rule: "update" },
    {
      place: "aws_db_instance.orders.deletion_protection",
      system: "aws_db_instance.orders",
      rule: "deletion-protection-off",
      wayOut: "Leave it on.",
    },
  ]);
});

test("what is found in a file is no system of its own", () => {
  const finding = {
    path: "db/V2__drop.sql",
    line: 3,
    subject: "orders",
    rule: "sql-drop-table",
    class: "R4",
    message: "Drops the table orders.",
    wayOut: "Rename it first.",
  } as const;
  expect(fileChanges([finding])[0]).not.toHaveProperty("system");
});

import { sql } from "./orders-db.ts";
import { at, change, openDrift, openPull, type Scene } from "./scene.ts";
import { pullDiff, pullText } from "./show.ts";

const EXPAND = `ALTER TABLE orders ADD COLUMN total_cents bigint;
`;

const BACKFILL = `after: "3"
table: orders
key: id
batch: 500
statement: |
  UPDATE orders SET total_cents = (total * 100)::bigint
   WHERE id BETWEEN $1 AND $2 AND total_cents IS NULL
throttle: { rest: 0ms }
`;

const CONTRACT = `SET lock_timeout = '2s';
-- plumbline:ignore drop-column reason="total_cents has taken its place" owner="orders-team"
ALTER TABLE orders DROP COLUMN total;
`;

/** What the story tells of a database: one change in small steps, one step taken too early, and a change by hand. */
export const DATABASE_SCENES: readonly Scene[] = [
  {
    title: "Dana wants cents instead of numerics: first a column beside the old one",
    play: async (stage) => {
      const files = {
        "orders-db/V3__total_in_cents.sql": EXPAND,
        "orders-db/total_in_cents.backfill.yaml": BACKFILL,
      };
      await change(stage, "dana", "cents", files);
      await openPull(stage, "dana", "cents", "Totals in cents: expand");
      return pullText(stage, 5);
    },
  },
  {
    title: "Merged: migrated, verified, and filled in batches",
    play: async (stage) => {
      await stage.forge.as("dana").merge(at(5));
      await stage.settled();
      // A server does that by itself; PGlite has nobody who would.
      await sql(stage.orders, "vacuum analyze orders");
      const left = await sql(stage.orders, "select id from orders where total_cents is null");
      return [...(await pullText(stage, 5)), `orders without cents: ${left.length}`];
    },
  },
  {
    title: "Sam drops the old column at once: denied, since nobody showed that it is not read any more",
    play: async (stage) => {
      await change(stage, "sam", "contract", { "orders-db/V4__drop_total.sql": CONTRACT });
      await openPull(stage, "sam", "contract", "Totals in cents: contract");
      const told = await pullText(stage, 6);
      await stage.forge.as("sam").close(at(6));
      await stage.settled();
      return told;
    },
  },
  {
    title:
      "2 AM again: Noor makes an index by hand. The next look opens a pull request with the migration, proven",
    play: async (stage) => {
      await sql(stage.orders, "create index orders_by_day on orders (placed_at)");
      await stage.nextLook();
      return [...(await pullText(stage, 7)), ...(await pullDiff(stage, 7))];
    },
  },
  {
    title: "Noor merges it: nothing happens there, everywhere else the index is made, and the drift is over",
    play: async (stage) => {
      await stage.forge.as("noor").merge(at(7));
      await stage.settled();
      return [...(await pullText(stage, 7)), await openDrift(stage)];
    },
  },
];

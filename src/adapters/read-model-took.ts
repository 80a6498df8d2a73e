import { type RawBuilder, sql } from "kysely";
import type { Took } from "../model/numbers.ts";

/** How many lengths there are, their median and their 95th percentile as one JSON value; read back by `tookOf`. */
export const took = (seconds: RawBuilder<unknown>, counts: RawBuilder<unknown> = sql`true`) =>
  sql`json_build_object('count', count(${seconds}) filter (where ${counts}),
    'median', percentile_cont(0.5) within group (order by ${seconds}) filter (where ${counts}),
    'slow', percentile_cont(0.95) within group (order by ${seconds}) filter (where ${counts}))`;

export interface TookRow {
  readonly count: number;
  readonly median: number | null;
  readonly slow: number | null;
}

export const tookOf = ({ count, median, slow }: TookRow): Took | null =>
  median === null || slow === null ? null : { count, median, slow };

/** The Monday of a time, in UTC. */
export const weekOf = (time: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`to_char(date_trunc('week', ${time} at time zone 'UTC'), 'YYYY-MM-DD')`;

export const secondsBetween = (from: RawBuilder<unknown>, to: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`extract(epoch from ${to} - ${from})::float8`;

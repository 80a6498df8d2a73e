import type { ServerConfig } from "../../src/model/config.ts";
import { openSmallStage, type SmallStage } from "./small-stage.ts";

/** A stage that looks for drift only when it is told to. */
export const openDriftStage = (
  maxOpenPulls: number,
  more: (config: ServerConfig) => Partial<ServerConfig> = () => ({}),
): Promise<SmallStage> =>
  openSmallStage((config) => ({
    ...config,
    ...more(config),
    drift: { ...config.drift, schedule: "0 0 1 1 *", maxOpenPulls },
  }));

export const KAFKA = `terraform {
  required_providers {
    kafka = { source = "mongey/kafka" }
  }
}
`;

/** One topic whose `segment.ms` somebody may change in the console. */
export const topicCode = (name: string, segment: number, more = ""): string => `${KAFKA}
resource "kafka_topic" "it" {
  name               = "${name}"
  partitions         = 3
  replication_factor = 3
  config = {
    "segment.ms" = "${segment}"
  }
}
${more}`;

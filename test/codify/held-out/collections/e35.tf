locals {
  e35_defaults = { "retention.ms" = "1000", "cleanup.policy" = "delete" }
}

resource "kafka_topic" "e35" {
  name               = "e35"
  partitions         = 3
  replication_factor = 1
  config = { for k, v in merge(local.e35_defaults, {
    "max.message.bytes" = "1048576"
  }) : k => v if v != null }
}

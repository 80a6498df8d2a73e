resource "kafka_topic" "e23" {
  name               = "e23"
  partitions         = 3
  replication_factor = 1
  config             = zipmap(["retention.ms", "cleanup.policy"], ["86400000", "delete"])
}

resource "kafka_topic" "e14" {
  name               = "e14"
  partitions         = tonumber("6")
  replication_factor = 3

  config = {
    "retention.ms"        = 7 * 24 * 60 * 60 * 1000
    "segment.bytes"       = 1e9
    "min.insync.replicas" = tostring(2)
    "cleanup.policy"      = join(",", compact(["compact", ""]))
    "compression.type"    = element(split("/", "codec/zstd"), 1)
  }
}

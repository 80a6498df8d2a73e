terraform {
  required_providers {
    kafka = { source = "mongey/kafka" }
  }
}

locals {
  day = 24 * 60 * 60 * 1000
  topics = {
    orders   = { partitions = 12, retention_days = 7 }
    payments = { partitions = 6, retention_days = 30 }
  }
}

resource "kafka_topic" "this" {
  for_each = local.topics

  name               = each.key
  partitions         = each.value.partitions
  replication_factor = 3
  config = {
    "retention.ms"   = tostring(each.value.retention_days * local.day)
    "cleanup.policy" = "delete"
  }
}

variable "e28_topics" {
  default = [
    { name = "e28.orders", partitions = 3 },
    { name = "e28.refunds", partitions = 3 }, # low traffic
    { name = "e28.users" },
  ]
}

resource "kafka_topic" "e28" {
  for_each           = { for t in var.e28_topics : t.name => t }
  name               = each.key
  partitions         = lookup(each.value, "partitions", 1)
  replication_factor = 1
}

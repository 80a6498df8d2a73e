locals {
  e34_pairs = { for p in setproduct(["eu", "us"], ["blue", "green"]) : "e34-${p[0]}-${p[1]}" => { region = p[0], colour = p[1] } }
}

resource "kafka_topic" "e34" {
  for_each           = local.e34_pairs
  name               = each.key
  partitions         = each.value.region == "eu" ? 6 : 3
  replication_factor = 1
}

locals {
  f07_streams = {
    orders = {
      envs       = ["dev", "prod"]
      partitions = 3
    }
    refunds = {
      envs       = ["prod"]
      partitions = 6
    }
  }
  f07_flat = flatten([
    for name, stream in local.f07_streams : [
      for env in stream.envs : {
        name       = "f07.${name}.${env}"
        partitions = stream.partitions
      }
    ]
  ])
}

resource "kafka_topic" "f07" {
  for_each           = { for s in local.f07_flat : s.name => s }
  name               = each.value.name
  partitions         = each.value.partitions
  replication_factor = 1
}

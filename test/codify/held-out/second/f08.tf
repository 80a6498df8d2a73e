variable "f08_config" {
  type = map(string)
  default = {
    "cleanup.policy" = "delete"
    "retention.ms"   = "604800000"
  }
}

variable "f08_overrides" {
  type = map(map(string))
  default = {
    f08 = {
      "retention.ms" = "86400000" # a day
    }
  }
}

resource "kafka_topic" "f08" {
  name               = "f08"
  partitions         = 3
  replication_factor = 1
  config             = merge(var.f08_config, try(var.f08_overrides["f08"], {}))
}

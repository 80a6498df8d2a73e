variable "f04_attributes" {
  type    = list(map(string))
  default = [{ name = "id", type = "N" }, { name = "title", type = "S" }]
}

variable "f04_global_secondary_indexes" {
  type    = any
  default = []
}

resource "aws_dynamodb_table" "f04" {
  name           = "f04"
  hash_key       = "id"
  read_capacity  = 5
  write_capacity = 5

  dynamic "attribute" {
    for_each = var.f04_attributes
    content {
      name = attribute.value.name
      type = attribute.value.type
    }
  }

  ttl {
    enabled        = var.f04_ttl_enabled
    attribute_name = "expires"
  }

  dynamic "global_secondary_index" {
    for_each = var.f04_global_secondary_indexes
    content {
      name            = global_secondary_index.value.name
      hash_key        = global_secondary_index.value.hash_key
      projection_type = global_secondary_index.value.projection_type
      read_capacity   = lookup(global_secondary_index.value, "read_capacity", null)
      write_capacity  = lookup(global_secondary_index.value, "write_capacity", null)
    }
  }
}

variable "f04_ttl_enabled" {
  type    = bool
  default = false
}

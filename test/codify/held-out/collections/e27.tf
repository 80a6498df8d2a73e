variable "e27_table" {
  type = map(object({
    class = string
    tags  = optional(map(string), {})
  }))
  default = {
    "a" = { class = "db.t3.small" }
    "b" = { class = "db.t3.small", tags = { Tier = "1" } }
  }
}

resource "aws_db_instance" "e27" {
  for_each          = { for k, v in var.e27_table : "e27-${k}" => v }
  identifier        = each.key
  engine            = "postgres"
  instance_class    = each.value.class
  allocated_storage = 20
  tags              = each.value.tags
}

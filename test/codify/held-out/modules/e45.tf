variable "e45" {
  type = object({
    az      = string
    sizes   = map(number)
    tags    = optional(map(string))
    protect = optional(bool, false)
  })
}

resource "aws_db_instance" "e45" {
  identifier          = "e45"
  engine              = "postgres"
  instance_class      = "db.t3.small"
  allocated_storage   = var.e45.sizes["db"]
  deletion_protection = var.e45.protect
  tags                = var.e45.tags != null ? var.e45.tags : { Default = "yes" }
}

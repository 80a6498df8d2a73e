variable "f14_classes" {
  type = list(object({
    name    = string
    default = optional(bool, false)
  }))
  default = [
    { name = "db.t3.micro" },
    { name = "db.t3.small", default = true },
  ]
}

resource "aws_db_instance" "f14" {
  identifier        = "f14"
  engine            = "postgres"
  instance_class    = one([for c in var.f14_classes : c.name if c.default])
  allocated_storage = 20
}

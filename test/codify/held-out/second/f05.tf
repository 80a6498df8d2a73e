variable "f05_names" {
  type    = set(string)
  default = ["f05-api", "f05-jobs", "f05-web"]
}

variable "f05_sizes" {
  type    = map(number)
  default = {}
}

variable "f05_default_size" {
  type    = number
  default = 20
}

resource "aws_db_instance" "f05" {
  for_each          = var.f05_names
  identifier        = each.value
  engine            = "postgres"
  instance_class    = "db.t3.small"
  allocated_storage = lookup(var.f05_sizes, each.key, var.f05_default_size)
}

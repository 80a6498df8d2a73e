variable "f06_create" { default = true }
variable "f06_big" { default = false }
variable "f06_classes" {
  default = {
    big   = "db.r6g.xlarge"
    small = "db.t3.small"
  }
}

resource "aws_db_instance" "f06" {
  count             = var.f06_create ? 1 : 0
  identifier        = "f06"
  engine            = "postgres"
  instance_class    = var.f06_create && var.f06_big ? var.f06_classes["big"] : var.f06_classes["small"]
  allocated_storage = 20
}

output "f06_id" {
  value = element(concat(aws_db_instance.f06.*.id, [""]), 0)
}

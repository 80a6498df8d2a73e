locals {
  e47_name  = "e47"
  e47_class = "db.t3.small"
}

resource "aws_db_instance" "e47" {
  identifier           = local.e47_name
  engine               = "postgres"
  instance_class       = local.e47_class
  allocated_storage    = 20
  parameter_group_name = "pg-${local.e47_class}"
}

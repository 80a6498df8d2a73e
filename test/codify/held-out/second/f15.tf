variable "f15_stage" {
  default = "dev"
}

locals {
  f15_is_prod = contains(["prod", "live"], var.f15_stage)
}

resource "aws_db_instance" "f15" {
  identifier                 = "f15-${var.f15_stage}"
  engine                     = "postgres"
  instance_class             = local.f15_is_prod ? "db.r6g.large" : "db.t3.small"
  allocated_storage          = 20
  deletion_protection        = local.f15_is_prod
  auto_minor_version_upgrade = var.f15_stage != "dev" ? false : true
  backup_retention_period    = local.f15_is_prod ? 14 : 0
}

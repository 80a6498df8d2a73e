variable "e21_extra_sgs" {
  type    = list(string)
  default = ["sg-extra1"]
}

variable "e21_internal" {
  type    = bool
  default = true
}

resource "aws_db_instance" "e21" {
  identifier             = "e21"
  engine                 = "postgres"
  instance_class         = "db.t3.small"
  allocated_storage      = 20
  vpc_security_group_ids = concat(["sg-base"], var.e21_internal ? ["sg-internal"] : [], var.e21_extra_sgs)
  tags                   = merge(var.tags, local.common_tags, { Name = "e21" })
}

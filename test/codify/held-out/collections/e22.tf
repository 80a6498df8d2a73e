locals {
  e22_groups = {
    web = ["sg-web1", "sg-web2"]
    db  = ["sg-db1"]
  }
}

resource "aws_db_instance" "e22" {
  identifier             = "e22"
  engine                 = "postgres"
  instance_class         = "db.t3.small"
  allocated_storage      = 20
  vpc_security_group_ids = distinct(flatten([for name, ids in local.e22_groups : ids]))
}

# Falls back where the caller says nothing about the class.
locals {
  e02_settings = {
    storage = 50
  }
}

resource "aws_db_instance" "e02" {
  identifier        = "e02"
  engine            = "mysql"
  instance_class    = try(local.e02_settings.class, "db.t3.small")
  allocated_storage = try(local.e02_settings.storage, 20)
}

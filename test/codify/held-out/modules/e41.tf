module "e41_names" {
  source = "./modules/naming"
  parts  = ["pg", "blue"]
}

resource "aws_db_instance" "e41" {
  identifier           = "e41"
  engine               = "postgres"
  instance_class       = "db.t3.small"
  allocated_storage    = 20
  parameter_group_name = module.e41_names.id
  backup_window        = module.e41_names.window
}

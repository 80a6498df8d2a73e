locals {
  e04_days = ["mon", "tue"]
}

resource "aws_db_instance" "e04" {
  identifier         = "e04"
  engine             = "postgres"
  instance_class     = "db.t3.small"
  allocated_storage  = 20
  maintenance_window = format("%s:%02d:00-%s:%02d:00", local.e04_days[0], 4, local.e04_days[0], 5)
  backup_window      = replace("01.00-02.00", ".", ":")
}

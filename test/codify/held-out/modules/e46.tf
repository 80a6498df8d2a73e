variable "e46_tags" {
  default = {}
}
variable "e46_window" {
  default = "05:00-06:00"
}

resource "aws_db_instance" "e46" {
  identifier        = "e46"
  engine            = "postgres"
  instance_class    = "db.t3.small"
  allocated_storage = 20
  backup_window     = var.e46_window
  tags = merge({
    Service = "e46"
  }, var.e46_tags)
}

variable "identifier" {}
variable "class" {}
variable "storage" {}
variable "backup_window" {}
variable "multi_az" {
  type    = bool
  default = false
}

resource "aws_db_instance" "this" {
  identifier        = var.identifier
  engine            = "postgres"
  instance_class    = var.class
  allocated_storage = var.storage
  backup_window     = var.backup_window
  multi_az          = var.multi_az
}

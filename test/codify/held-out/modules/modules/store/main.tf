locals {
  labels = merge({ ManagedBy = "terraform" }, var.labels)
}

resource "aws_db_instance" "this" {
  identifier        = var.name
  engine            = "postgres"
  instance_class    = var.settings.class
  allocated_storage = var.settings.storage
  backup_window     = var.settings.backup.window
  tags              = local.labels
}

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

data "terraform_remote_state" "network" {
  backend = "http"
  config = {
    address = "http://127.0.0.1:8478/state/network"
  }
}

resource "aws_kms_key" "orders" {
  description             = "Orders at rest"
  deletion_window_in_days = 30
  enable_key_rotation     = true
}

resource "aws_db_instance" "orders" {
  identifier              = "prod-orders"
  engine                  = "postgres"
  engine_version          = "16.3"
  instance_class          = var.instance_class
  allocated_storage       = var.storage_gb
  storage_encrypted       = true
  deletion_protection     = true
  backup_retention_period = 14
  username                = "orders"
  password                = var.password
  vpc_security_group_ids  = [data.terraform_remote_state.network.outputs.db_security_group_id]
  tags                    = { team = "payments", env = "prod" }
}

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

locals {
  # Ports that applications reach the databases on.
  database_ports = {
    postgres = 5432
    pooler   = 6432
  }
}

resource "aws_security_group" "db" {
  name        = "db"
  description = "Databases"

  dynamic "ingress" {
    for_each = local.database_ports
    content {
      description = ingress.key
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = [var.app_cidr]
    }
  }

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }

  tags = var.tags
}

resource "aws_security_group" "app" {
  name        = "app"
  description = "Applications"

  # Health checks of the load balancer.
  ingress {
    description = "health"
    from_port   = 8080
    to_port     = 8080
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/16"]
  }

  tags = var.tags
}

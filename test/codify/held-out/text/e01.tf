variable "environment" {
  description = "Name of the stage"
  type        = string
  default     = "prod"
}

resource "aws_db_instance" "e01" {
  identifier        = "e01"
  engine            = "postgres"
  instance_class    = var.environment == "prod" ? (var.e01_large ? "db.r6g.xlarge" : "db.m5.large") : "db.t3.micro"
  allocated_storage = 20
}

variable "e01_large" {
  type    = bool
  default = false
}

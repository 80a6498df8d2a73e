variable "e03_class" {
  type    = string
  default = null
}

variable "e03_name" {
  type    = string
  default = "reports"
}

resource "aws_db_instance" "e03" {
  identifier           = "e03"
  engine               = "postgres"
  instance_class       = coalesce(var.e03_class, "db.t3.medium")
  allocated_storage    = 20
  parameter_group_name = "${var.environment}-${var.e03_name}-pg14"
}

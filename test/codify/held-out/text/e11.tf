variable "e11_gb" {
  type    = number
  default = 25
}

resource "aws_db_instance" "e11" {
  identifier            = "e11"
  engine                = "postgres"
  instance_class        = "db.t3.small"
  allocated_storage     = var.e11_gb * 2
  max_allocated_storage = max(var.e11_gb, 100)
  monitoring_interval   = min(60, 15)
  iops                  = 1e3 + 500
}

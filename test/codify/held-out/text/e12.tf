resource "aws_db_instance" "e12" {
  identifier          = "e12"
  engine              = "postgres"
  instance_class      = "db.t3.small"
  allocated_storage   = "20"
  deletion_protection = var.environment == "prod"
  multi_az            = contains(["prod", "stage"], var.environment)
  publicly_accessible = !true
}

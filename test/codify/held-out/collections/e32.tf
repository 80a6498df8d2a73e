variable "e32_subnets" {
  default = [
    { id = "sg-1", public = true },
    { id = "sg-2", public = false },
  ]
}

resource "aws_db_instance" "e32" {
  identifier             = "e32"
  engine                 = "postgres"
  instance_class         = "db.t3.small"
  allocated_storage      = 20
  vpc_security_group_ids = var.e32_subnets[*].id
}

resource "aws_db_instance" "e32_open" {
  identifier             = "e32-open"
  engine                 = "postgres"
  instance_class         = "db.t3.small"
  allocated_storage      = 20
  vpc_security_group_ids = [for s in var.e32_subnets : s.id if s.public]
}

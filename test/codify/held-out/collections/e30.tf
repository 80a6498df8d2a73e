variable "m" {
  default = {
    a = [
      { b = "db.t3.micro" },
      { b = "db.t3.small" },
    ]
  }
}

resource "aws_db_instance" "e30" {
  identifier        = "e30"
  engine            = "postgres"
  instance_class    = var.m["a"].1.b
  allocated_storage = 20
}

resource "aws_db_instance" "e30_first" {
  identifier        = "e30-first"
  engine            = "postgres"
  instance_class    = var.m.a[0].b
  allocated_storage = 20
}

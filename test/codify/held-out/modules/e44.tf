variable "e44_stage" {
  type        = string
  description = "dev or prod"
}

resource "aws_db_instance" "e44" {
  identifier        = "e44"
  engine            = "postgres"
  instance_class    = local.e44_class
  allocated_storage = var.e44_storage
  iops              = var.e44_iops
}

variable "e44_storage" {
  type    = number
  default = "20"
}

variable "e44_iops" {
  type    = string
  default = "4000"
}

variable "f01_name" { default = "f01" }
variable "f01_tags" {
  description = "Tags of everything"
  type        = map(string)
  default = {
    Environment = "prod"
    Terraform   = "true"
  }
}

locals {
  f01_tags = merge(
    { "Name" = format("%s-%s", var.f01_name, "data") },
    var.f01_tags,
  )
}

resource "aws_ebs_volume" "f01" {
  availability_zone = "us-east-1a"
  size              = 20
  tags              = local.f01_tags
}

resource "aws_ebs_volume" "f01_log" {
  availability_zone = "us-east-1a"
  size              = 10
  tags              = merge(local.f01_tags, { "Name" = "${var.f01_name}-log" }, { Kind = "log" })
}

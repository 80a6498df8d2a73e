locals {
  e31_owner = "Owner"
}

resource "aws_ebs_volume" "e31" {
  availability_zone = "us-east-1a"
  size              = 10
  tags = {
    Name              = "e31"
    "team:name"       = "core"
    (local.e31_owner) = "ann"
    "${local.e31_owner}:backup" : "bob"
  }
}

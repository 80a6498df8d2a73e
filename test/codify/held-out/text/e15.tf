locals {
  e15_full_id = "svc-e15-worker"
  e15_suffix  = trimprefix(local.e15_full_id, "svc-")
}

resource "aws_ebs_volume" "e15" {
  availability_zone = "us-east-1c"
  size              = 12
  tags = {
    Name   = "e15"
    Short  = substr("abcdef-long", 0, 6)
    Suffix = local.e15_suffix
    Family = regex("^([a-z]+)\\d", "mx5")[0]
    Net    = cidrsubnet("10.0.0.0/16", 8, 3)
  }
}

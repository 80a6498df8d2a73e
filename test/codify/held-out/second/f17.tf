locals {
  f17_volumes = {
    # The old archive
    f17-archive = { size = 100 }
    # What is used
    f17-data = {
      size = 20
      type = "gp3"
    }
  }
}

resource "aws_ebs_volume" "f17" {
  for_each          = local.f17_volumes
  availability_zone = "us-east-1a"
  size              = each.value.size
  type              = lookup(each.value, "type", "gp2")
  tags              = { Name = each.key }
}

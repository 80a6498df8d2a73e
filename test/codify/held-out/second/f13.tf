variable "f13_labels" {
  type = map(string)
  default = {
    owner = "ann"
    team  = "core"
  }
}

resource "aws_ebs_volume" "f13" {
  availability_zone = "us-east-1a"
  size              = 10
  tags              = merge({ Name = "f13" }, { for key, value in var.f13_labels : title(key) => value if value != "" })
}

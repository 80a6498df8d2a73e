variable "e05_team" {
  default = "  Payments "
}

resource "aws_ebs_volume" "e05" {
  availability_zone = "us-east-1b"
  size              = 10

  tags = {
    Name  = "e05"
    Team  = lower(trimspace(var.e05_team))
    Stage = upper(var.environment)
    Title = title("billing")
  }
}

variable "region" {
  default = "eu-central-1"
}

variable "e13_account" {
  default = "210987654321"
}

resource "aws_iam_role" "e13" {
  name                 = "e13"
  assume_role_policy   = "{}"
  permissions_boundary = "arn:aws:iam::${var.e13_account}:policy/${var.region}/boundary-v1"
}

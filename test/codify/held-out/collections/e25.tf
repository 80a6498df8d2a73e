locals {
  e25_policies = ["ViewOnlyAccess", "SecurityAudit"]
}

resource "aws_iam_role" "e25" {
  name                = "e25"
  assume_role_policy  = "{}"
  managed_policy_arns = [for p in local.e25_policies : "arn:aws:iam::aws:policy/${p}"]
}

locals {
  f19_policies = {
    logs = "arn:aws:iam::aws:policy/CloudWatchLogsFullAccess"
    ssm  = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
  }
}

resource "aws_iam_role" "f19" {
  name                = "f19"
  assume_role_policy  = "{}"
  managed_policy_arns = sort(values(local.f19_policies))
  permissions_boundary = join("/", [
    "arn:aws:iam::123456789012:policy",
    "boundary",
  ])
}

variable "e24_policies" {
  type    = set(string)
  default = ["ReadOnlyAccess", "AmazonS3FullAccess"]
}

resource "aws_iam_role" "e24" {
  name                = "e24"
  assume_role_policy  = "{}"
  managed_policy_arns = formatlist("arn:aws:iam::aws:policy/%s", sort(var.e24_policies))
}

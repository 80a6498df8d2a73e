resource "aws_iam_role" "e10" {
  name               = "e10"
  description        = "reads a template"
  assume_role_policy = templatefile("${path.module}/trust/e10.json.tftpl", { service = "lambda" })
}

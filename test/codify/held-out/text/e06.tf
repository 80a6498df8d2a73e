resource "aws_iam_role" "e06" {
  name               = "e06"
  description        = "Costs: $${amount} in \"EUR\" – 10 %%{of} all\tnet"
  assume_role_policy = file("${path.module}/trust/e06.json")
}

locals {
  e07_account = "123456789012"
}

resource "aws_kms_key" "e07" {
  description = "for e07"

  policy = <<-EOT
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Effect": "Allow",
          "Principal": {"AWS": "arn:aws:iam::${local.e07_account}:role/deploy"},
          "Action": "kms:Decrypt",
          "Resource": "*"
        }
      ]
    }
  EOT
}

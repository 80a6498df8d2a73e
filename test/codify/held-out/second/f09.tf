variable "f09_buckets" {
  type    = list(string)
  default = ["f09-a", "f09-b"]
}

variable "f09_allow_write" {
  type    = bool
  default = true
}

resource "aws_iam_role" "f09" {
  name               = "f09"
  assume_role_policy = "{}"

  inline_policy {
    name = "access"
    policy = jsonencode({
      Version = "2012-10-17"
      Statement = concat(
        [
          {
            Sid      = "Read"
            Effect   = "Allow"
            Action   = ["s3:GetObject", "s3:ListBucket"]
            Resource = [for b in var.f09_buckets : "arn:aws:s3:::${b}/*"]
          },
        ],
        var.f09_allow_write ? [
          {
            Sid      = "Write"
            Effect   = "Allow"
            Action   = ["s3:PutObject"]
            Resource = "*"
          },
        ] : [],
      )
    })
  }
}

variable "e09_debug" {
  default = false
}

resource "aws_iam_role" "e09" {
  name               = "e09"
  assume_role_policy = "{}"
  description        = "worker%{if var.e09_debug} (debug)%{else} (quiet)%{endif} of ${var.environment}"
}

locals {
  e08_brokers = ["b1", "b2", "b3"]
}

resource "aws_iam_role" "e08" {
  name               = "e08"
  assume_role_policy = "{}"

  description = <<-EOT
    Reads from:
    %{~for b in local.e08_brokers}
    - ${b}
    %{~endfor}
    Owner: platform
  EOT
}

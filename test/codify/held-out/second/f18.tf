variable "f18_proxy" { default = "" }

resource "aws_iam_role" "f18" {
  name               = "f18"
  assume_role_policy = "{}"
  description        = <<-EOT
    #!/bin/bash
    set -euo pipefail
    HOME_DIR="$${HOME:-/root}"
    %{if var.f18_proxy != ""}
    export http_proxy=${var.f18_proxy}
    %{endif}
    yum install -y agent-1.2
    systemctl enable agent
  EOT
}

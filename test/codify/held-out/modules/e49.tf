variable "create" {
  type    = bool
  default = true
}

resource "aws_security_group" "e49" {
  count = var.create ? 1 : 0
  name  = "e49"

  dynamic "ingress" {
    for_each = var.create ? toset(["80", "443"]) : []
    content {
      description = "web"
      from_port   = tonumber(ingress.value)
      to_port     = tonumber(ingress.value)
      protocol    = "tcp"
      cidr_blocks = var.e49_cidrs
    }
  }
}

variable "e49_cidrs" {
  type    = list(string)
  default = ["10.0.0.0/8"]
}

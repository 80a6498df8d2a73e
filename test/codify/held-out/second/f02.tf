variable "f02_rules" {
  description = "Map of known rules: [from port, to port, protocol, description]"
  type        = map(list(any))
  default = {
    https-443-tcp = [443, 443, "tcp", "HTTPS"]
    http-80-tcp   = [80, 80, "tcp", "HTTP"]
    ssh-tcp       = [22, 22, "tcp", "SSH"]
  }
}

variable "f02_ingress_with_cidr_blocks" {
  type = list(map(string))
  default = [
    {
      rule        = "https-443-tcp"
      cidr_blocks = "10.10.0.0/16,10.11.0.0/16"
    },
    {
      rule        = "ssh-tcp"
      cidr_blocks = "10.9.0.0/24"
      description = "bastion"
    },
  ]
}

resource "aws_security_group" "f02" {
  name = "f02"

  dynamic "ingress" {
    for_each = var.f02_ingress_with_cidr_blocks
    content {
      from_port   = var.f02_rules[ingress.value["rule"]][0]
      to_port     = var.f02_rules[ingress.value["rule"]][1]
      protocol    = var.f02_rules[ingress.value["rule"]][2]
      description = lookup(ingress.value, "description", var.f02_rules[ingress.value["rule"]][3])
      cidr_blocks = compact(split(",", lookup(ingress.value, "cidr_blocks", "")))
    }
  }
}

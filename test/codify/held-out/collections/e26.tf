variable "e26_zones" {
  default = ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"]
}

resource "aws_security_group" "e26" {
  name = "e26"

  ingress {
    description = "from the zones"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = slice(var.e26_zones, 0, 2)
  }
}

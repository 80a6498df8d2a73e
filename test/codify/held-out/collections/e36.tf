variable "e36_cidrs" {
  type    = list(string)
  default = []
}

variable "e36_fallback" {
  type    = list(string)
  default = ["10.20.0.0/16"]
}

resource "aws_security_group" "e36" {
  name = "e36"
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = coalescelist(var.e36_cidrs, var.e36_fallback)
  }
}

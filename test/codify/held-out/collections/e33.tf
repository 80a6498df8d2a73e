variable "e33_names" {
  type    = list(string)
  default = ["one", "two"]
}

variable "e33_sizes" {
  type    = map(number)
  default = { one = 10, two = 20 }
}

resource "aws_db_instance" "e33" {
  count             = length(var.e33_names)
  identifier        = "e33-${var.e33_names[count.index]}"
  engine            = "postgres"
  instance_class    = "db.t3.small"
  allocated_storage = lookup(var.e33_sizes, element(var.e33_names, count.index), 5)
}

locals {
  f12_rows = csvdecode(file("${path.module}/data/f12.csv"))
}

resource "aws_db_instance" "f12" {
  for_each          = { for row in local.f12_rows : row.name => row }
  identifier        = each.key
  engine            = "postgres"
  instance_class    = each.value.class
  allocated_storage = tonumber(each.value.gb)
}

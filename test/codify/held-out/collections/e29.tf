locals {
  e29_config = yamldecode(file("${path.module}/data/e29.yaml"))
  e29_json   = jsondecode(file("${path.module}/data/e29.json"))
}

resource "aws_db_instance" "e29" {
  identifier        = "e29"
  engine            = "postgres"
  instance_class    = local.e29_config.database.class
  allocated_storage = local.e29_json["storage"]
  tags              = local.e29_json.tags
}

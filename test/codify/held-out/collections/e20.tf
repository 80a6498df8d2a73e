variable "tags" {
  type = map(string)
  default = {
    Terraform = "true"
  }
}

locals {
  common_tags = merge(var.tags, {
    CostCenter = "4711"
  })
}

resource "aws_db_instance" "e20" {
  identifier        = "e20"
  engine            = "postgres"
  instance_class    = "db.t3.small"
  allocated_storage = 20
  tags = merge(
    local.common_tags,
    { for k in ["Backup", "Patch"] : k => "weekly" },
    {
      Name = "e20"
    },
  )
}

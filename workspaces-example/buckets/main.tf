terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

module "bucket" {
  source   = "../modules/bucket"
  for_each = var.buckets

  name        = each.key
  expire_days = each.value.expire_days
  team        = each.value.team
}

locals {
  f10_defaults = {
    class   = "db.t3.small"
    storage = 20
    window  = "03:00-04:00"
  }
  f10_nodes = {
    f10-a = {}
    f10-b = { storage = 40 }
  }
}

module "f10" {
  source   = "./modules/fleet"
  for_each = local.f10_nodes
  name     = each.key
  settings = merge(local.f10_defaults, each.value)
}

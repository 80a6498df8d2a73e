module "e42" {
  source   = "./modules/store"
  for_each = { x = { class = "db.t3.small" }, y = {} }
  name     = "e42-${each.key}"
  settings = {
    class = lookup(each.value, "class", "db.t3.micro")
  }
  labels = { Part = each.key }
}

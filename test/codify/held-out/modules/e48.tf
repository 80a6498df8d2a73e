module "e48" {
  source = "./modules/store"
  count  = 2
  name   = "e48-${count.index}"
  settings = {
    class   = count.index == 0 ? "db.m5.large" : "db.t3.small"
    storage = 20 + count.index * 10
  }
}

module "e43_a" {
  source = "./modules/store"
  name   = "e43-a"
  labels = local.e43_labels
}

module "e43_b" {
  source = "./modules/store"
  name   = "e43-b"
  labels = local.e43_labels
}

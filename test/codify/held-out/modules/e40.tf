variable "e40_backup" {
  type = object({
    window = string
  })
}

module "e40" {
  source = "./modules/store"
  name   = "e40"
  settings = {
    backup = var.e40_backup
  }
}

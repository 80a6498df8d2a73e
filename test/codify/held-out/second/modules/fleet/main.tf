variable "name" { type = string }
variable "settings" {
  type = object({
    class   = string
    storage = number
    window  = optional(string, "05:00-06:00")
  })
}

module "node" {
  source = "./node"

  identifier    = var.name
  class         = var.settings.class
  storage       = var.settings.storage
  backup_window = var.settings.window
}

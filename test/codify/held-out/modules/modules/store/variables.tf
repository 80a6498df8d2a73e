variable "name" {
  type = string
}

variable "settings" {
  type = object({
    class   = optional(string, "db.t3.small")
    storage = optional(number, 20)
    backup  = optional(object({ window = optional(string, "01:00-02:00"), days = optional(number, 0) }), {})
  })
  default = {}
}

variable "labels" {
  type    = map(string)
  default = {}
}

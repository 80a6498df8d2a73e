variable "app_cidr" {
  type        = string
  description = "Where the applications run."
}

variable "tags" {
  type    = map(string)
  default = { team = "platform" }
}

variable "name" {
  type = string
}

variable "expire_days" {
  type = number
}

variable "team" {
  type = string
}

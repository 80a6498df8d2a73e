variable "instance_class" {
  type = string
}

variable "storage_gb" {
  type    = number
  default = 100
}

variable "password" {
  type        = string
  sensitive   = true
  description = "Comes from the service's environment (TF_VAR_password), never from Git."
}

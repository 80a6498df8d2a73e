variable "buckets" {
  type = map(object({
    team        = string
    expire_days = optional(number, 365)
  }))
}

variable "f03_lifecycle_rules" {
  type = any
  default = [
    {
      id      = "log"
      enabled = true
      prefix  = "log/"

      transition = [
        {
          days          = 30
          storage_class = "STANDARD_IA"
          }, {
          days          = 60
          storage_class = "GLACIER"
        }
      ]

      expiration = {
        days = 90 # the law
      }
    },
    {
      id      = "tmp"
      enabled = true
      prefix  = "tmp/"
    },
  ]
}

resource "aws_s3_bucket" "f03" {
  bucket = "f03-bucket"

  dynamic "lifecycle_rule" {
    for_each = try(jsondecode(var.f03_lifecycle_rules), var.f03_lifecycle_rules)

    content {
      id      = lifecycle_rule.value.id
      enabled = lifecycle_rule.value.enabled
      prefix  = try(lifecycle_rule.value.prefix, null)

      dynamic "expiration" {
        for_each = try(flatten([lifecycle_rule.value.expiration]), [])
        content {
          days = try(expiration.value.days, null)
        }
      }

      dynamic "transition" {
        for_each = try(flatten([lifecycle_rule.value.transition]), [])
        content {
          days          = try(transition.value.days, null)
          storage_class = transition.value.storage_class
        }
      }
    }
  }
}

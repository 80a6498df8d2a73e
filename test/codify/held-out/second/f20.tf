variable "f20_versioning" {
  type    = map(bool)
  default = { enabled = true }
}

resource "aws_s3_bucket" "f20" {
  bucket = "f20-bucket"

  dynamic "versioning" {
    for_each = length(keys(var.f20_versioning)) == 0 ? [] : [var.f20_versioning]
    content {
      enabled    = lookup(versioning.value, "enabled", null)
      mfa_delete = lookup(versioning.value, "mfa_delete", null)
    }
  }

  # Kept for a year
  lifecycle_rule {
    id      = "year"
    enabled = true
    expiration { days = 365 }
  }

  # Uploads that nobody finished
  lifecycle_rule {
    id      = "parts"
    enabled = true
    prefix  = "parts/"
  }
}

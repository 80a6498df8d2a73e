resource "aws_kms_key" "f11" {
  description = "for f11"
  policy = templatefile("${path.module}/data/f11.json.tftpl", {
    account = "123456789012"
    readers = ["app", "batch"]
  })
}

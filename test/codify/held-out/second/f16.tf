variable "f16_platform" {
  type = object({
    databases = map(object({
      class = string
      disk = object({
        gb   = number
        iops = optional(number, 3000)
      })
      tags = optional(map(string), {})
    }))
  })
}

resource "aws_db_instance" "f16" {
  for_each          = var.f16_platform.databases
  identifier        = "f16-${each.key}"
  engine            = "postgres"
  instance_class    = each.value.class
  allocated_storage = each.value.disk.gb
  iops              = each.value.disk.iops
  tags              = merge(each.value.tags, { Platform = "f16" })
}

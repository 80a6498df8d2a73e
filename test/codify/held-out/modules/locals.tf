locals {
  e43_labels = {
    Stage = "prod"
  }

  e44_class = local.e44_classes[var.e44_stage]
  e44_classes = {
    dev  = "db.t3.micro"
    prod = "db.m5.large"
  }
}

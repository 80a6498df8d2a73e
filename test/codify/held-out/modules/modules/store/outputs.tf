output "class" {
  value = var.settings.class
}

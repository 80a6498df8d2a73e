locals {
  window = "03:00-04:00"
}

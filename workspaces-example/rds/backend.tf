terraform {
  backend "http" {
    address        = "http://127.0.0.1:8478/state/rds"
    lock_address   = "http://127.0.0.1:8478/state/rds"
    unlock_address = "http://127.0.0.1:8478/state/rds"
  }
}

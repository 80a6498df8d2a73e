terraform {
  backend "http" {
    address        = "http://127.0.0.1:8478/state/kafka"
    lock_address   = "http://127.0.0.1:8478/state/kafka"
    unlock_address = "http://127.0.0.1:8478/state/kafka"
  }
}

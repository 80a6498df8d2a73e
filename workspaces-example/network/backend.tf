terraform {
  backend "http" {
    address        = "http://127.0.0.1:8478/state/network"
    lock_address   = "http://127.0.0.1:8478/state/network"
    unlock_address = "http://127.0.0.1:8478/state/network"
  }
}

terraform {
  backend "http" {
    address        = "http://127.0.0.1:8478/state/buckets"
    lock_address   = "http://127.0.0.1:8478/state/buckets"
    unlock_address = "http://127.0.0.1:8478/state/buckets"
  }
}

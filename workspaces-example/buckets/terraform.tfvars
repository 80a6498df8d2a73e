buckets = {
  acme-invoices = { team = "payments" }
  acme-logs     = { team = "platform", expire_days = 90 }
  acme-exports  = { team = "data", expire_days = 30 }
}

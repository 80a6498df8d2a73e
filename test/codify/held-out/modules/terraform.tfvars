# Stage
e44_stage = "prod"

e40_backup = {
  window = "02:00-03:00" # after the batch
}

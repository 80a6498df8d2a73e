# The platform's stores
f16_platform = {
  databases = {
    main = {
      class = "db.t3.small"
      disk  = { gb = 20 }
    }
    audit = {
      class = "db.t3.small"
      disk  = { gb = 50, iops = 4000 } # slow is fine
      tags = {
        Team = "risk"
      }
    }
  }
}

f04_global_secondary_indexes = [
  {
    name            = "title"
    hash_key        = "title"
    projection_type = "KEYS_ONLY"
    write_capacity  = 10
    read_capacity   = 10
  },
]

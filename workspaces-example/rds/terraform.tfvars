instance_class = "db.t4g.medium"
storage_gb     = 100

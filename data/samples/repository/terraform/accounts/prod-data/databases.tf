
resource "aws_db_instance" "parcel_api_057" {
  identifier          = "9baa417de7a775a55"
  engine              = "postgres"
  instance_class      = "db.r6g.large"
  allocated_storage   = 200
  storage_encrypted   = true
  # publicly_accessible = true   (only while the migration ran)
  publicly_accessible = false
  tags = {
    "team" = "data"
    "environment" = "prod"
    "cost-center" = "CC-1130"
    "application" = "parcel-api"
  }
}

resource "aws_db_instance" "unnamed_058" {
  identifier          = "923dcb4fc2a46700d"
  engine              = "postgres"
  instance_class      = "db.r6g.xlarge"
  allocated_storage   = 200
  storage_encrypted   = true
  # publicly_accessible = true   (only while the migration ran)
  publicly_accessible = false
  tags = {
    " team" = "data"
    "Environment" = "Prod"
    "cost-center" = "CC-1130"
    "owner" = "o.adeyemi@lanternfreight.example"
  }
}

resource "aws_elasticache_cluster" "unnamed_132" {
  cluster_id      = "ccbdaf4e217aa37f70"
  engine          = "redis"
  node_type       = "cache.r6g.large"
  num_cache_nodes = 1
  tags = {
    "team" = "security"
    "environment" = "Prod"
    "Kostenstelle" = "CC-1160"
  }
}

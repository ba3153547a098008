
resource "aws_db_instance" "unnamed_055" {
  identifier          = "d89a84830bcdff7a1"
  engine              = "postgres"
  instance_class      = "db.r6g.large"
  allocated_storage   = 200
  storage_encrypted   = true
  # publicly_accessible = true   (only while the migration ran)
  publicly_accessible = false
  # no tags yet
}

resource "aws_db_instance" "parcel_ui_056" {
  identifier          = "f040f7101dcb221e1"
  engine              = "postgres"
  instance_class      = "db.r6g.large"
  allocated_storage   = 200
  storage_encrypted   = true
  # publicly_accessible = true   (only while the migration ran)
  publicly_accessible = false
  tags = {
    "team" = "platform"
    "environment" = "production"
    "cost-center" = "CC-1100"
    "owner" = "juergen.gross@lanternfreight.example"
    "application" = "parcel-ui"
  }
}

resource "aws_db_instance" "route_planner_065" {
  identifier          = "414653c6969fe56a4"
  engine              = "postgres"
  instance_class      = "db.m6g.2xlarge"
  allocated_storage   = 200
  storage_encrypted   = true
  # publicly_accessible = true   (only while the migration ran)
  publicly_accessible = false
  tags = {
    "team" = "platform"
    "environment" = "production"
    "cost-center" = "CC-1100"
    "application" = "route-planner"
  }
}

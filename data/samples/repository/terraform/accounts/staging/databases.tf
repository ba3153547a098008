
resource "aws_db_instance" "route_planner_059" {
  identifier          = "6be82ce9e7e99c3e5"
  engine              = "postgres"
  instance_class      = "db.r6g.large"
  allocated_storage   = 200
  storage_encrypted   = true
  # publicly_accessible = true   (only while the migration ran)
  publicly_accessible = true
  tags = {
    "Team" = "data"
    "environment" = "staging"
    "cost-center" = "CC-1130"
    "owner" = "mateo.fernandez@lanternfreight.example"
    "application" = "route-planner"
  }
}

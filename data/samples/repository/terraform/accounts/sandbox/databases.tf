
resource "aws_db_instance" "warehouse_054" {
  identifier          = "f5cd16f713fece38d"
  engine              = "postgres"
  instance_class      = "db.r6g.large"
  allocated_storage   = 200
  storage_encrypted   = true
  # publicly_accessible = true   (only while the migration ran)
  publicly_accessible = false
  tags = {
    "team" = "mobile"
    "environment" = "sandbox"
    "owner" = "siobhan.oneill@lanternfreight.example"
    "application" = "warehouse"
  }
}

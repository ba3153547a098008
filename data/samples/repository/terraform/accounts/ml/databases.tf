
resource "aws_db_instance" "unnamed_060" {
  identifier          = "a20150fb86d38d9f3"
  engine              = "postgres"
  instance_class      = "db.r6g.large"
  allocated_storage   = 200
  storage_encrypted   = true
  # publicly_accessible = true   (only while the migration ran)
  publicly_accessible = false
  tags = {
    "team" = "ml"
    "environment" = "prod"
    "Kostenstelle" = "CC-1150"
  }
}

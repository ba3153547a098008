
resource "aws_s3_bucket" "route_planner_120" {
  bucket = "cb2b1b40499c5fb5f"
  tags = {
    "team" = "checkout"
    "environment" = "production"
    "Kostenstelle" = "CC-1110"
    "application" = "route-planner"
  }
}

module "billing_123" {
  source = "../../modules/bucket"
  providers = { aws = aws.us_east_1 }
  name   = "6d5f72e139aa9dae8"
  tags = {
    "Environment" = "prod"
    "cost-center" = "CC-1130"
    "Owner" = "Zoë van der Meer"
    "application" = "billing"
  }
}

module "route_planner_124" {
  source = "../../modules/bucket"
  providers = { aws = aws.us_east_1 }
  name   = "45196c37afcd0c1b8"
  encrypted = false # public price lists only
  tags = {
    "team" = "checkout"
    "environment" = "Prod"
    "owner" = "mateo.fernandez@lanternfreight.example"
    "application" = "route-planner"
  }
}

resource "aws_s3_bucket" "unnamed_129" {
  provider = aws.us_east_1
  bucket = "7aaa2edae2f70f465"
  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
  tags = {
    "team" = "data"
    "Environment" = "Prod"
    "Owner" = "Siobhán O'Neill"
    "application" = "配送予測"
  }
}

module "parcel_api_130" {
  source = "../../modules/bucket"
  providers = { aws = aws.eu_west_1 }
  name   = "e4cf716cb412ff35c"
  tags = {
    "environment" = "Prod"
    "application" = "parcel-api"
    "comment" = "🚚 überfällig"
  }
}

resource "aws_ebs_volume" "unnamed_133" {
  availability_zone = "eu-central-1a"
  type              = "gp3"
  size              = 3649
  encrypted         = true
  tags = {
    "team" = "data"
    "environment" = "production"
    "Kostenstelle" = "CC-1130"
    "owner" = "siobhan.oneill@lanternfreight.example"
  }
}

resource "aws_s3_bucket" "warehouse_135" {
  bucket = "7991bc220f6c3dd67"
  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
  tags = {
    "team" = "data"
    "cost-center" = "CC-1130"
    "owner" = "priya.raman@lanternfreight.example"
    "application" = "warehouse"
  }
}

resource "aws_ebs_volume" "warehouse_136" {
  availability_zone = "eu-central-1a"
  type              = "gp3"
  size              = 1914
  encrypted         = true
  tags = {
    "team" = "data"
    "environment" = "Prod"
    "owner" = "mateo.fernandez@lanternfreight.example"
    "application" = "warehouse"
  }
}

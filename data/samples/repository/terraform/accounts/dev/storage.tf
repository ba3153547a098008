
resource "aws_s3_bucket" "unnamed_148" {
  provider = aws.us_east_1
  bucket = "bf4b26aa7fd769e0b"
  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
  tags = {
    "team" = "DATA"
    "environment" = "dev"
    "Owner" = "李小龙"
    "application" = "配送予測"
  }
}

module "parcel_api_150" {
  source = "../../modules/bucket"
  name   = "1e2b54eefb01cd26e"
  tags = {
    " team" = "security"
    "environment" = "develop"
    "application" = "parcel-api"
  }
}

resource "aws_s3_bucket" "parcel_api_152" {
  provider = aws.eu_west_1
  bucket = "f21cda82cdfb8d45f"
  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
  tags = {
    "Team" = "tracking"
    "environment" = "dev"
    "cost-center" = "CC-1120"
    "application" = "parcel-api"
  }
}

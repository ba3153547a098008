
resource "aws_ebs_volume" "label_printer_139" {
  provider = aws.eu_west_1
  availability_zone = "eu-west-1a"
  type              = "gp3"
  size              = 1124
  encrypted         = true
  tags = {
    "Team" = "platform"
    "environment" = "staging"
    "application" = "label-printer"
  }
}

resource "aws_s3_bucket" "parcel_api_140" {
  provider = aws.us_east_1
  bucket = "714fba20f95dcd999"
  tags = {
    "team" = "ml"
    "environment" = "staging"
    "cost-center" = "CC-1150"
    "owner" = "mateo.fernandez@lanternfreight.example"
    "application" = "parcel-api"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "parcel_api_140" {
  provider = aws.us_east_1
  bucket = aws_s3_bucket.parcel_api_140.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket" "unnamed_143" {
  provider = aws.eu_west_1
  bucket = "e67a8dfcb6364065f"
  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
  tags = {
    "Team" = "platform"
    "environment" = "staging"
    "cost-center" = "CC-1100"
    "owner" = "zoe.vandermeer@lanternfreight.example"
    "application" = "配送予測"
  }
}

resource "aws_s3_bucket" "unnamed_146" {
  provider = aws.us_east_1
  bucket = "9ac403ea2a1e233d9"
  # no tags yet
}

resource "aws_s3_bucket_server_side_encryption_configuration" "unnamed_146" {
  provider = aws.us_east_1
  bucket = aws_s3_bucket.unnamed_146.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

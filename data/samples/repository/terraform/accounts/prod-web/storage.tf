
resource "aws_ebs_volume" "unnamed_100" {
  availability_zone = "eu-central-1a"
  type              = "gp3"
  size              = 1209
  encrypted         = true
  tags = {
    "team" = "checkout"
    "environment" = "prod"
    "cost-center" = "CC-1110"
    "owner" = "juergen.gross@lanternfreight.example"
  }
}

resource "aws_s3_bucket" "unnamed_105" {
  provider = aws.eu_west_1
  bucket = "6d366fee76c037135"
  tags = {
    "team" = "checkout"
    "environment" = "production"
    "application" = "配送予測"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "unnamed_105" {
  provider = aws.eu_west_1
  bucket = aws_s3_bucket.unnamed_105.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket" "parcel_ui_107" {
  bucket = "6ba8159683e96b24c"
  tags = {
    "team" = "checkout"
    "cost-center" = "CC-1110"
    "owner" = "MATEO.FERNANDEZ@LANTERNFREIGHT.EXAMPLE"
    "note" = "ask mateo.fernandez@lanternfreight.example before you delete this"
    "application" = "parcel-ui"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "parcel_ui_107" {
  bucket = aws_s3_bucket.parcel_ui_107.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket" "parcel_ui_109" {
  bucket = "36975612e46ae44b6"
  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
  tags = {
    " team" = "checkout"
    "environment" = "prod"
    "cost-center" = "CC-1110"
    "Owner" = "Siobhán O'Neill"
    "application" = "parcel-ui"
  }
}

resource "aws_ebs_volume" "billing_110" {
  availability_zone = "eu-central-1a"
  type              = "gp3"
  size              = 324
  encrypted         = true
  tags = {
    "team" = "ml"
    "environment" = "Prod"
    "cost-center" = "CC-1150"
    "owner" = "anna.kovacs@lanternfreight.example"
    "application" = "billing"
  }
}

resource "aws_ebs_volume" "warehouse_112" {
  provider = aws.us_east_1
  availability_zone = "us-east-1a"
  type              = "gp3"
  size              = 764
  encrypted         = true
  tags = {
    "environment" = "Prod"
    "owner" = "mateo.fernandez@lanternfreight.example"
    "application" = "warehouse"
  }
}

resource "aws_ebs_volume" "billing_113" {
  provider = aws.us_east_1
  availability_zone = "us-east-1a"
  type              = "gp3"
  size              = 509
  encrypted         = true
  tags = {
    "team" = "checkout"
    "Environment" = ""
    "Kostenstelle" = "CC-1110"
    "owner" = "siobhan.oneill@lanternfreight.example"
    "application" = "billing"
  }
}

resource "aws_ebs_volume" "route_planner_114" {
  availability_zone = "eu-central-1a"
  type              = "gp3"
  size              = 1474
  encrypted         = true
  tags = {
    "team" = "data"
    "Owner" = "Anna Kovács"
    "application" = "route-planner"
  }
}

resource "aws_s3_bucket" "unnamed_116" {
  bucket = "2759401529d7e008f"
  # no tags yet
}

resource "aws_s3_bucket_server_side_encryption_configuration" "unnamed_116" {
  bucket = aws_s3_bucket.unnamed_116.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket" "warehouse_119" {
  provider = aws.us_east_1
  bucket = "01ebb421ed7133709"
  tags = {
    "team" = "checkout"
    "Environment" = ""
    "owner" = "mateo.fernandez@lanternfreight.example"
    "application" = "warehouse"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "warehouse_119" {
  provider = aws.us_east_1
  bucket = aws_s3_bucket.warehouse_119.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

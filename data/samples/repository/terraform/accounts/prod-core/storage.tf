
resource "aws_ebs_volume" "unnamed_069" {
  provider = aws.eu_west_1
  availability_zone = "eu-west-1a"
  type              = "gp3"
  size              = 619
  encrypted         = true
  tags = {
    "team" = "platform"
    "Environment" = "prod"
    "cost-center" = "CC-1100"
  }
}

resource "aws_s3_bucket" "label_printer_070" {
  provider = aws.us_east_1
  bucket = "d3a05f883595f51ff"
  server_side_encryption_configuration {
    rule {
      apply_server_side_encryption_by_default {
        sse_algorithm = "AES256"
      }
    }
  }
  tags = {
    " team" = "platform"
    "environment" = "Prod"
    "owner" = "o.adeyemi@lanternfreight.example"
    "application" = "label-printer"
  }
}

resource "aws_s3_bucket" "parcel_api_071" {
  provider = aws.us_east_1
  bucket = "33a254616d4469c86"
  tags = {
    "Team" = "ml"
    "Environment" = "production"
    "cost-center" = "CC-1150"
    "owner" = "xiaolong.li@lanternfreight.example"
    "application" = "parcel-api"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "parcel_api_071" {
  provider = aws.us_east_1
  bucket = aws_s3_bucket.parcel_api_071.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_ebs_volume" "route_planner_072" {
  availability_zone = "eu-central-1a"
  type              = "gp3"
  size              = 2949
  encrypted         = true
  tags = {
    "team" = "ml"
    "environment" = "prod"
    "application" = "route-planner"
  }
}

module "parcel_api_073" {
  source = "../../modules/bucket"
  providers = { aws = aws.us_east_1 }
  name   = "e838a85af80384c34"
  tags = {
    "Team" = "platform"
    "environment" = "Prod"
    "cost-center" = "CC-1100"
    "owner" = "siobhan.oneill@lanternfreight.example"
    "application" = "parcel-api"
  }
}

module "unnamed_075" {
  source = "../../modules/bucket"
  name   = "3edecc4947d217e26"
  tags = {
    "Team" = "platform"
    "Environment" = "prod"
    "cost-center" = "CC-1100"
    "owner" = "juergen.gross@lanternfreight.example"
    "application" = "配送予測"
  }
}

resource "aws_ebs_volume" "unnamed_076" {
  provider = aws.us_east_1
  availability_zone = "us-east-1a"
  type              = "gp3"
  size              = 704
  encrypted         = true
  tags = {
    "team" = "platform"
    "Environment" = "prod"
    "cost-center" = "CC-1100"
  }
}

resource "aws_ebs_volume" "unnamed_082" {
  provider = aws.us_east_1
  availability_zone = "us-east-1a"
  type              = "gp3"
  size              = 2829
  encrypted         = true
  # no tags yet
}

resource "aws_ebs_volume" "unnamed_083" {
  provider = aws.us_east_1
  availability_zone = "us-east-1a"
  type              = "gp3"
  size              = 1509
  encrypted         = true
  tags = {
    "team" = "platform"
    "environment" = "production"
    "cost-center" = "CC-1100"
  }
}

module "route_planner_091" {
  source = "../../modules/bucket"
  name   = "d9107fa73293e7f38"
  encrypted = false # public price lists only
  tags = {
    "team" = "data"
    "environment" = "production"
    "cost-center" = "CC-1130"
    "application" = "route-planner"
  }
}

module "unnamed_093" {
  source = "../../modules/bucket"
  name   = "663bb95ebe3265689"
  tags = {
    "team" = "platform"
    "environment" = "Prod"
    "Owner" = "Siobhán O'Neill"
  }
}

terraform {
  required_version = ">= 1.6"
}

provider "aws" {
  region = "eu-central-1"
  allowed_account_ids = ["310000000055"]
}

provider "aws" {
  region = "eu-west-1"
  alias  = "eu_west_1"
  allowed_account_ids = ["310000000055"]
}

provider "aws" {
  region = "us-east-1"
  alias  = "us_east_1"
  allowed_account_ids = ["310000000055"]
}

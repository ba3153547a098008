terraform {
  required_version = ">= 1.6"
}

provider "aws" {
  region = "ap-southeast-2"
  alias  = "ap_southeast_2"
  allowed_account_ids = ["012000000079"]
}

provider "aws" {
  region = "eu-central-1"
  allowed_account_ids = ["012000000079"]
}

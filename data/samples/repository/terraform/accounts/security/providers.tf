terraform {
  required_version = ">= 1.6"
}

provider "aws" {
  region = "eu-central-1"
  allowed_account_ids = ["310000000086"]
}

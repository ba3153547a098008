
resource "aws_instance" "parcel_api_021" {
  provider = aws.us_east_1
  ami           = data.aws_ami.base.id
  instance_type = var.instance_types["parcel_api_021"]

  tags = {
    " team" = "checkout"
    "Environment" = "Prod"
    "Owner" = "Zoë van der Meer"
    "application" = "parcel-api"
  }
}

module "parcel_api_022" {
  source        = "../../modules/service"
  name          = "parcel_api_022"
  instance_type = "t3.large"
  tags = {
    "Team" = "checkout"
    "environment" = "prod"
    "owner" = "o.adeyemi@lanternfreight.example"
    "application" = "parcel-api"
  }
}

module "billing_023" {
  source        = "../../modules/service"
  name          = "billing_023"
  instance_type = "r6i.4xlarge"
  tags = {
    "environment" = ""
    "cost-center" = "CC-1110"
    "owner" = "priya.raman@lanternfreight.example"
    "application" = "billing"
  }
}

module "unnamed_025" {
  source        = "../../modules/service"
  providers     = { aws = aws.us_east_1 }
  name          = "unnamed_025"
  instance_type = "r6i.4xlarge"
  tags = {
    "environment" = "prod"
    "application" = "配送予測"
  }
}

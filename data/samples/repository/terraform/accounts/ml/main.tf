
resource "aws_instance" "warehouse_048" {
  ami           = data.aws_ami.base.id
  instance_type = "t3.large"

  tags = {
    " team" = "ml"
    "environment" = "production"
    "application" = "warehouse"
    "comment" = "said \"later\", twice"
  }
}

resource "aws_instance" "parcel_api_049" {
  ami           = data.aws_ami.base.id
  instance_type = "m6i.xlarge"

  tags = {
    "team" = "ml"
    "environment" = "Prod"
    "cost-center" = "CC-1150"
    "application" = "parcel-api"
  }
}

resource "aws_instance" "unnamed_050" {
  ami           = data.aws_ami.base.id
  instance_type = "m6i.xlarge"

  tags = {
    "team" = "mobile"
    "environment" = "prod"
    "cost-center" = "CC-1140"
  }
}

module "route_planner_053" {
  source        = "../../modules/service"
  providers     = { aws = aws.us_east_1 }
  name          = "route_planner_053"
  instance_type = "m6i.xlarge"
  tags = {
    "team" = "ml"
    "Environment" = "production"
    "cost-center" = "CC-1150"
    "application" = "route-planner"
  }
}

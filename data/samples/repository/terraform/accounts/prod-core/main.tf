
module "unnamed_002" {
  source        = "../../modules/service"
  name          = "unnamed_002"
  instance_type = "m6i.xlarge"
  tags = {
    "team" = "security"
    "Environment" = "Prod"
    "cost-center" = "CC-1160"
  }
}

resource "aws_instance" "unnamed_004" {
  provider = aws.us_east_1
  ami           = data.aws_ami.base.id
  instance_type = var.instance_types["unnamed_004"]

  tags = {
    "environment" = "production"
    "cost-center" = "CC-1100"
    "application" = "配送予測"
  }
}

resource "aws_instance" "label_printer_009" {
  provider = aws.us_east_1
  ami           = data.aws_ami.base.id
  instance_type = "t3.large"

  tags = {
    "team" = "platform"
    "environment" = ""
    "cost-center" = "CC-1100"
    "application" = "label-printer"
  }
}

resource "aws_instance" "parcel_api_010" {
  provider = aws.us_east_1
  ami           = data.aws_ami.base.id
  instance_type = "m6i.xlarge"

  tags = {
    "environment" = "production"
    "application" = "parcel-api"
  }
}

resource "aws_instance" "unnamed_012" {
  provider = aws.us_east_1
  ami           = data.aws_ami.base.id
  instance_type = var.instance_types["unnamed_012"]

  # no tags yet
}

resource "aws_instance" "unnamed_014" {
  provider = aws.us_east_1
  ami           = data.aws_ami.base.id
  instance_type = var.instance_types["unnamed_014"]

  tags = {
    "cost-center" = "CC-1100"
    "owner" = "zoe.vandermeer@lanternfreight.example"
  }
}

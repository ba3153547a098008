
resource "aws_instance" "unnamed_033" {
  ami           = data.aws_ami.base.id
  instance_type = "m6i.xlarge"

  tags = {
    "team" = "platform"
    "environment" = "staging"
  }
}

resource "aws_instance" "route_planner_034" {
  provider = aws.us_east_1
  ami           = data.aws_ami.base.id
  instance_type = "m6i.xlarge"

  tags = {
    "team" = "platform"
    "environment" = "staging"
    "Kostenstelle" = "CC-1100"
    "Owner" = "Siobhán O'Neill"
    "application" = "route-planner"
  }
}

module "billing_035" {
  source        = "../../modules/service"
  name          = "billing_035"
  instance_type = "m6i.xlarge"
  tags = {
    "team" = "platform"
    "environment" = ""
    "owner" = "PRIYA.RAMAN@LANTERNFREIGHT.EXAMPLE"
    "note" = "ask priya.raman@lanternfreight.example before you delete this"
    "application" = "billing"
  }
}

module "unnamed_037" {
  source        = "../../modules/service"
  name          = "unnamed_037"
  instance_type = "t3.large"
  tags = {
    "team" = "platform"
    "Kostenstelle" = "CC-1100"
    "owner" = "anna.kovacs@lanternfreight.example"
    "application" = "配送予測"
  }
}

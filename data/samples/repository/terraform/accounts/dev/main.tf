
/* route_planner_038: ask before you resize,
   instance_type = "m4.large" is history */
resource "aws_instance" "route_planner_038" {
  ami           = data.aws_ami.base.id
  instance_type="t3.large"   # was t2.micro { too small

  tags = {
    "team" = "platform"
    "environment" = "develop"
    "cost-center" = "CC-1100"
    "Owner" = "李小龙"
    "application" = "route-planner"
  }
}

resource "aws_instance" "unnamed_039" {
  ami           = data.aws_ami.base.id
  instance_type = "t3.small"

  tags = {
    "Team" = "tracking"
    "environment" = "dev"
    "Kostenstelle" = "CC-1120"
    "owner" = "juergen.gross@lanternfreight.example"
  }
}

resource "aws_instance" "label_printer_040" {
  provider = aws.us_east_1
  ami           = data.aws_ami.base.id
  instance_type = "r6i.4xlarge"

  tags = {
    "team" = "tracking"
    "environment" = "dev"
    "Kostenstelle" = "CC-1120"
    "application" = "label-printer"
  }
}

resource "aws_instance" "billing_042" {
  ami           = data.aws_ami.base.id
  instance_type = "r6i.4xlarge"

  tags = {
    "team" = "tracking"
    "environment" = ""
    "application" = "billing"
  }
}

resource "aws_instance" "unnamed_043" {
  ami           = data.aws_ami.base.id
  instance_type = "t3.large"

  tags = {
    "environment" = "develop"
  }
}

resource "aws_instance" "unnamed_044" {
  ami           = data.aws_ami.base.id
  instance_type = "r6i.4xlarge"

  tags = {
    "team" = "ml"
    "cost-center" = "CC-1150"
  }
}

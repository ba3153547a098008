
resource "aws_instance" "route_planner_031" {
  provider = aws.us_east_1
  ami           = data.aws_ami.base.id
  instance_type = var.instance_types["route_planner_031"]

  tags = {
    "environment" = "Prod"
    "cost-center" = "CC-1120"
    "owner" = "zoe.vandermeer@lanternfreight.example"
    "application" = "route-planner"
  }
}


resource "aws_launch_template" "parcel_api_041" {
  name_prefix   = "parcel_api_041-"
  image_id      = data.aws_ami.base.id
  instance_type = "c6i.2xlarge"

  tag_specifications {
    resource_type = "instance"
    tags = {
      "environment" = "dev"
      "cost-center" = "CC-1150"
      "owner" = "mateo.fernandez@lanternfreight.example"
      "application" = "parcel-api"
    }
  }
}

resource "aws_autoscaling_group" "parcel_api_041" {
  min_size            = 1
  max_size            = 16
  vpc_zone_identifier = var.subnets

  launch_template {
    id      = aws_launch_template.parcel_api_041.id
    version = "$Latest"
  }
}

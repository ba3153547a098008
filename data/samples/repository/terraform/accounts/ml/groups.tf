
resource "aws_launch_template" "parcel_ui_051" {
  provider = aws.us_east_1
  name_prefix   = "parcel_ui_051-"
  image_id      = data.aws_ami.base.id
  instance_type = "c6i.2xlarge"

  tag_specifications {
    resource_type = "instance"
    tags = {
      "team" = "platform"
      "environment" = "production"
      "owner" = "priya.raman@lanternfreight.example"
      "application" = "parcel-ui"
    }
  }
}

resource "aws_autoscaling_group" "parcel_ui_051" {
  provider = aws.us_east_1
  min_size            = 1
  max_size            = 58
  vpc_zone_identifier = var.subnets

  launch_template {
    id      = aws_launch_template.parcel_ui_051.id
    version = "$Latest"
  }
}

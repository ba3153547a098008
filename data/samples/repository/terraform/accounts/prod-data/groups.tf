
resource "aws_launch_template" "parcel_ui_027" {
  provider = aws.us_east_1
  name_prefix   = "parcel_ui_027-"
  image_id      = data.aws_ami.base.id
  instance_type = "c6i.2xlarge"

  tag_specifications {
    resource_type = "instance"
    tags = {
      "team" = "ml"
      "environment" = "Prod"
      "cost-center" = "CC-1150"
      "owner" = "ANNA.KOVACS@LANTERNFREIGHT.EXAMPLE"
      "note" = "ask anna.kovacs@lanternfreight.example before you delete this"
      "application" = "parcel-ui"
    }
  }
}

resource "aws_autoscaling_group" "parcel_ui_027" {
  provider = aws.us_east_1
  min_size            = 1
  max_size            = 54
  vpc_zone_identifier = var.subnets

  launch_template {
    id      = aws_launch_template.parcel_ui_027.id
    version = "$Latest"
  }
}

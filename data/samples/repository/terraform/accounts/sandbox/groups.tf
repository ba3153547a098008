
resource "aws_launch_template" "warehouse_000" {
  provider = aws.ap_southeast_2
  name_prefix   = "warehouse_000-"
  image_id      = data.aws_ami.base.id
  instance_type = "c6i.large"

  tag_specifications {
    resource_type = "instance"
    tags = {
      "Team" = "mobile"
      "environment" = "sandbox"
      "cost-center" = "CC-1140"
      "Owner" = "Jürgen Groß"
      "application" = "warehouse"
    }
  }
}

resource "aws_autoscaling_group" "warehouse_000" {
  provider = aws.ap_southeast_2
  min_size            = 1
  max_size            = 26
  vpc_zone_identifier = var.subnets

  launch_template {
    id      = aws_launch_template.warehouse_000.id
    version = "$Latest"
  }
}


resource "aws_launch_template" "unnamed_015" {
  name_prefix   = "unnamed_015-"
  image_id      = data.aws_ami.base.id
  instance_type = "c6i.2xlarge"

  tag_specifications {
    resource_type = "instance"
    # no tags yet
  }
}

resource "aws_autoscaling_group" "unnamed_015" {
  min_size            = 1
  max_size            = 19
  vpc_zone_identifier = var.subnets

  launch_template {
    id      = aws_launch_template.unnamed_015.id
    version = "$Latest"
  }
}

resource "aws_launch_template" "label_printer_018" {
  name_prefix   = "label_printer_018-"
  image_id      = data.aws_ami.base.id
  instance_type = "c6i.2xlarge"

  tag_specifications {
    resource_type = "instance"
    tags = {
      "team" = "checkout"
      "cost-center" = "CC-1110"
      "application" = "label-printer"
    }
  }
}

resource "aws_autoscaling_group" "label_printer_018" {
  min_size            = 1
  max_size            = 41
  vpc_zone_identifier = var.subnets

  launch_template {
    id      = aws_launch_template.label_printer_018.id
    version = "$Latest"
  }
}

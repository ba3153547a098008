
resource "aws_launch_template" "unnamed_003" {
  name_prefix   = "unnamed_003-"
  image_id      = data.aws_ami.base.id
  instance_type = "c6i.2xlarge"

  tag_specifications {
    resource_type = "instance"
    tags = {
      "team" = "tracking"
      "environment" = "Prod"
      "cost-center" = "CC-1120"
    }
  }
}

resource "aws_autoscaling_group" "unnamed_003" {
  min_size            = 1
  max_size            = 14
  vpc_zone_identifier = var.subnets

  launch_template {
    id      = aws_launch_template.unnamed_003.id
    version = "$Latest"
  }
}

resource "aws_launch_template" "parcel_api_007" {
  provider = aws.us_east_1
  name_prefix   = "parcel_api_007-"
  image_id      = data.aws_ami.base.id
  instance_type = "c6i.2xlarge"

  tag_specifications {
    resource_type = "instance"
    tags = {
      "team" = "mobile"
      "Environment" = "prod"
      "cost-center" = "CC-1140"
      "application" = "parcel-api"
    }
  }
}

resource "aws_autoscaling_group" "parcel_api_007" {
  provider = aws.us_east_1
  min_size            = 1
  max_size            = 33
  vpc_zone_identifier = var.subnets

  launch_template {
    id      = aws_launch_template.parcel_api_007.id
    version = "$Latest"
  }
}

resource "aws_launch_template" "billing_011" {
  provider = aws.us_east_1
  name_prefix   = "billing_011-"
  image_id      = data.aws_ami.base.id
  instance_type = "c6i.2xlarge"

  tag_specifications {
    resource_type = "instance"
    tags = {
      "team" = "platform"
      "environment" = "prod"
      "cost-center" = "CC-1100"
      "application" = "billing"
    }
  }
}

resource "aws_autoscaling_group" "billing_011" {
  provider = aws.us_east_1
  min_size            = 1
  max_size            = 27
  vpc_zone_identifier = var.subnets

  launch_template {
    id      = aws_launch_template.billing_011.id
    version = "$Latest"
  }
}

resource "aws_launch_template" "parcel_ui_013" {
  name_prefix   = "parcel_ui_013-"
  image_id      = data.aws_ami.base.id
  instance_type = "c6i.2xlarge"

  tag_specifications {
    resource_type = "instance"
    tags = {
      "team" = "platform"
      "environment" = "prod"
      "owner" = "o.adeyemi@lanternfreight.example"
      "application" = "parcel-ui"
    }
  }
}

resource "aws_autoscaling_group" "parcel_ui_013" {
  min_size            = 1
  max_size            = 24
  vpc_zone_identifier = var.subnets

  launch_template {
    id      = aws_launch_template.parcel_ui_013.id
    version = "$Latest"
  }
}

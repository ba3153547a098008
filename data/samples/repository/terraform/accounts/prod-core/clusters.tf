
resource "aws_eks_cluster" "parcel_ui_067" {
  name     = "2c0f39b88ba929e38"
  role_arn = var.cluster_role_arn

  vpc_config {
    subnet_ids = var.subnets
  }
  tags = {
    " team" = "platform"
    "environment" = "production"
    "cost-center" = "CC-1100"
    "owner" = "zoe.vandermeer@lanternfreight.example"
    "application" = "parcel-ui"
  }
}

resource "aws_eks_cluster" "unnamed_068" {
  provider = aws.us_east_1
  name     = "c98db8ef779289668"
  role_arn = var.cluster_role_arn

  vpc_config {
    subnet_ids = var.subnets
  }
  tags = {
    "Environment" = "prod"
  }
}

resource "aws_eks_cluster" "parcel_api_074" {
  name     = "e147a47b83f9ce41b"
  role_arn = var.cluster_role_arn

  vpc_config {
    subnet_ids = var.subnets
  }
  tags = {
    "team" = "platform"
    "environment" = "prod"
    "Kostenstelle" = "CC-1100"
    "owner" = "o.adeyemi@lanternfreight.example"
    "application" = "parcel-api"
  }
}


resource "aws_eks_cluster" "unnamed_104" {
  provider = aws.us_east_1
  name     = "904cb924fdaf384e9"
  role_arn = var.cluster_role_arn

  vpc_config {
    subnet_ids = var.subnets
  }
  tags = {
    "team" = "ml"
    "environment" = "production"
    "owner" = "priya.raman@lanternfreight.example"
  }
}

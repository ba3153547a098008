
resource "aws_eks_cluster" "label_printer_131" {
  provider = aws.us_east_1
  name     = "fc04f668bfacbc721"
  role_arn = var.cluster_role_arn

  vpc_config {
    subnet_ids = var.subnets
  }
  tags = {
    "team" = "platform"
    "environment" = ""
    "application" = "label-printer"
  }
}

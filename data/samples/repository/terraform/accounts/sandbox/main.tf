
resource "aws_instance" "unnamed_001" {
  ami           = data.aws_ami.base.id
  instance_type = var.instance_types["unnamed_001"]

  tags = {
    "team" = "DATA"
    "environment" = "sandbox"
    "cost-center" = "CC-1130"
    "owner" = "siobhan.oneill@lanternfreight.example"
  }
}


resource "aws_instance" "unnamed_045" {
  ami           = data.aws_ami.base.id
  instance_type = "m6i.xlarge"

  tags = {
    "team" = "security"
    "Environment" = "prod"
    "cost-center" = "CC-1160"
    "Owner" = "Mateo Fernández"
  }
}

resource "aws_instance" "unnamed_046" {
  ami           = data.aws_ami.base.id
  instance_type = "m6i.xlarge"

  tags = {
    "team" = "security"
    "Environment" = "prod"
    "cost-center" = "CC-1160"
    "application" = "配送予測"
  }
}

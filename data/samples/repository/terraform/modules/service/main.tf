variable "name" {
  type = string
}

variable "instance_type" {
  type    = string
  default = "t3.large"
}

variable "tags" {
  type    = map(string)
  default = {}
}

data "aws_ami" "base" {
  most_recent = true
  owners      = ["amazon"]
}

resource "aws_instance" "this" {
  ami           = data.aws_ami.base.id
  instance_type = var.instance_type
  tags          = merge(var.tags, { module = "service" })
}

output "id" {
  value = aws_instance.this.id
}

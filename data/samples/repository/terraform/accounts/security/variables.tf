variable "subnets" {
  type = list(string)
}

variable "cluster_role_arn" {
  type    = string
  default = ""
}

variable "instance_types" {
  description = "sizes that somebody wanted to change without a review"
  type        = map(string)
  default     = {}
}

data "aws_ami" "base" {
  most_recent = true
  owners      = ["amazon"]
}

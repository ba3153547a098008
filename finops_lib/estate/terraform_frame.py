"""What stands around the resources in Terraform: modules, providers, variables, networks, buckets."""

from __future__ import annotations

from collections.abc import Sequence

from finops_lib.estate.catalogue import FRANKFURT, Region
from finops_lib.estate.company import Account
from finops_lib.estate.pages import Book

_SERVICE = """variable "name" {
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
}"""
_BUCKET = """variable "name" { type = string }
variable "tags" {
  type    = map(string)
  default = {}
}
variable "encrypted" {
  type    = bool
  default = true
}

resource "aws_s3_bucket" "this" {
  bucket = var.name
  tags   = var.tags
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  count  = var.encrypted ? 1 : 0
  bucket = aws_s3_bucket.this.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}"""
_VARIABLES = """variable "subnets" {
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
}"""


def write_modules(book: Book) -> None:
    """Write the modules that accounts share.

    Parameters
    ----------
    book : Book
        Gets the pages.
    """
    book.page("terraform/modules/service/main.tf").add(_SERVICE)
    book.page("terraform/modules/bucket/main.tf").add(_BUCKET)


def write_account(
    book: Book, folder: str, owner: Account, *, regions: Sequence[Region], open_port: bool
) -> None:
    """Write an account's providers, variables and network rules.

    Parameters
    ----------
    book : Book
        Gets the pages.
    folder : str
        Of the account.
    owner : Account
        The account.
    regions : sequence of Region
        Where it has something.
    open_port : bool
        Its administration port is open to the world.
    """
    page = book.page(f"{folder}/providers.tf")
    page.add('terraform {\n  required_version = ">= 1.6"\n}')
    for region in regions:
        alias = "" if region == FRANKFURT else f'\n  alias  = "{region.id.replace("-", "_")}"'
        allowed = f'\n  allowed_account_ids = ["{owner.id}"]'
        page.add(f'\nprovider "aws" {{\n  region = "{region.id}"{alias}{allowed}\n}}')
    book.page(f"{folder}/variables.tf").add(_VARIABLES)
    book.page(f"{folder}/terraform.tfvars").add('subnets = ["subnet-0a1b2c3d", "subnet-4e5f6a7b"]')
    _network(book, folder, open_port=open_port)


def _network(book: Book, folder: str, *, open_port: bool) -> None:
    """Port 443 is open on purpose, port 22 where it is planted."""
    page = book.page(f"{folder}/network.tf")
    page.add(_rule("web", 443, "0.0.0.0/0"))
    marks = page.add(_rule("admin", 22, "0.0.0.0/0" if open_port else "10.20.0.0/16"))
    if open_port:
        book.plant("open_port", page, marks["cidr"], address="aws_security_group.admin", port=22)


def _rule(name: str, port: int, source: str) -> str:
    return f"""
resource "aws_security_group" "{name}" {{
  name = "{name}"

  ingress {{
    from_port   = {port}
    to_port     = {port}
    protocol    = "tcp"
    cidr_blocks = ["{source}"]§cidr
  }}
}}"""


def bucket(name: str, bucket_name: str, *, way: int, head: str, tags: str, encrypted: bool) -> str:
    """How is a bucket declared, with or without encryption.

    Parameters
    ----------
    name, bucket_name : str
        In code, and at the provider.
    way : int
        0 by the module, 1 with a block of its own inside, 2 with a second resource.
    head, tags : str
        Lines as written.
    encrypted : bool
        Whether it is.

    Returns
    -------
    str
        Lines with marks: ``block``, and ``encrypted`` where a line says that it is not.
    """
    if way == 0:
        flag = "\n  encrypted = false # public price lists only§encrypted" if not encrypted else ""
        providers = f"\n  providers = {{ aws = {head.rpartition(' = ')[2]} }}" if head else ""
        return f"""
module "{name}" {{§block
  source = "../../modules/bucket"{providers}
  name   = "{bucket_name}"{flag}
{tags}
}}"""
    inside = _encryption("  server_side_encryption_configuration {", "  ") if encrypted and way == 1 else ""
    text = f"""
resource "aws_s3_bucket" "{name}" {{§block{head}
  bucket = "{bucket_name}"
{inside}{tags}
}}"""
    if not encrypted or way == 1:
        return text
    second = f'resource "aws_s3_bucket_server_side_encryption_configuration" "{name}" {{{head}'
    return f"{text}\n\n" + _encryption(f"{second}\n  bucket = aws_s3_bucket.{name}.id", "").rstrip("\n")


def _encryption(opening: str, indent: str) -> str:
    return f"""{opening}
{indent}  rule {{
{indent}    apply_server_side_encryption_by_default {{
{indent}      sse_algorithm = "AES256"
{indent}    }}
{indent}  }}
{indent}}}
"""

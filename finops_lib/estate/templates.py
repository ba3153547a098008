"""Declare queues and tables in CloudFormation, and what the company tries on other clouds in Terraform."""

from __future__ import annotations

import json
import re

from finops_lib.estate.calendar import UNTIL, day_number
from finops_lib.estate.company import Account, Company, Slot
from finops_lib.estate.hcl import declared_tags, ids, label, missing_tags
from finops_lib.estate.pages import Book, Page

_PRODUCTS = {"sqs": "AWS::SQS::Queue", "dynamodb": "AWS::DynamoDB::Table"}


def write_cloudformation(book: Book, who: Company) -> None:
    """Declare each account's queues and tables in one template.

    Parameters
    ----------
    book : Book
        Gets the pages, the places and missing tags.
    who : Company
        The company whose bill it is.
    """
    for owner in who.accounts:
        own = [
            slot for slot in who.slots
            if slot.account == owner and slot.product.key in _PRODUCTS
            and slot.last_day > day_number(UNTIL.date())
        ]  # fmt: skip
        if own:
            _template(book, who, owner, own)


def _template(book: Book, who: Company, owner: Account, slots: list[Slot]) -> None:
    page = book.page(f"cloudformation/{owner.key}.yaml")
    page.add(f"""AWSTemplateFormatVersion: '2010-09-09'
Description: queues and tables of {owner.name}
Parameters:
  Stage:
    Type: String
    Default: {owner.environment}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:""")
    for slot in slots:
        _resource(book, who, page, slot)
    page.add("Outputs:")
    for slot in slots:
        name = _logical(slot)
        page.add(f"  {name}Arn:\n    Value: !GetAtt {name}.Arn")


def _resource(book: Book, who: Company, page: Page, slot: Slot) -> None:
    name, kind, found = _logical(slot), _PRODUCTS[slot.product.key], ids(who, slot)
    tags = "\n".join(
        f"        - {{Key: {_text(key)}, Value: {_text(value)}}}"
        for key, value in declared_tags(slot).items()
    )
    written = f"      Tags:§tags\n{tags}" if tags else "      # Tags: later"
    last = re.split(r"[:/]", found[-1])[-1]
    marks = page.add(f"""  {name}:§block
    Type: {kind}
    Properties:
{_queue(last) if slot.product.key == "sqs" else _table(last)}
{written}""")
    book.place(found, page, marks, address=name)
    missing = missing_tags(slot.tags)
    if missing:
        line = marks.get("tags", marks["block"])
        book.plant("missing_tags", page, line, resource=found[-1], address=name, missing=missing)


def _queue(name: str) -> str:
    return f"""      QueueName: {json.dumps(name)}
      SqsManagedSseEnabled: true
      MessageRetentionPeriod: !If [IsProd, 1209600, 345600]"""


def _table(name: str) -> str:
    return f"""      TableName: {json.dumps(name)}
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]
      KeySchema:
        - AttributeName: id
          KeyType: HASH
      SSESpecification: {{SSEEnabled: true}}"""


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _logical(slot: Slot) -> str:
    return "".join(part.capitalize() for part in label(slot).split("_"))


def write_other_clouds(book: Book) -> None:
    """Declare a few resources at Azure and Google that the AWS bill does not know.

    Parameters
    ----------
    book : Book
        Gets the pages and what is planted in them.
    """
    azure = book.page("terraform/azure/main.tf")
    marks = azure.add(_AZURE)
    book.plant("public_storage", azure, marks["public"], address="azurerm_storage_account.exports")
    google = book.page("terraform/google/main.tf")
    marks = google.add(_GOOGLE)
    book.plant("open_port", google, marks["cidr"], address="google_compute_firewall.ssh", port=22)


_AZURE = """provider "azurerm" {
  features {}
}

resource "azurerm_resource_group" "tracking" {
  name     = "rg-tracking-weu"
  location = "westeurope"
}

resource "azurerm_linux_virtual_machine" "gateway" {
  name                  = "vm-carrier-gateway"
  resource_group_name   = azurerm_resource_group.tracking.name
  location              = azurerm_resource_group.tracking.location
  size                  = "Standard_D4s_v5"
  admin_username        = "lantern"
  network_interface_ids = []

  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "Premium_LRS"
  }

  tags = {
    team        = "tracking"
    environment = "prod"
    cost-center = "CC-1120"
  }
}

resource "azurerm_storage_account" "exports" {
  name                            = "lanternexports"
  resource_group_name             = azurerm_resource_group.tracking.name
  location                        = azurerm_resource_group.tracking.location
  account_tier                    = "Standard"
  account_replication_type        = "LRS"
  allow_nested_items_to_be_public = true§public
  tags                            = { team = "data", environment = "prod", cost-center = "CC-1130" }
}"""
_GOOGLE = """provider "google" {
  project = "lantern-maps"
  region  = "europe-west3"
}

resource "google_compute_instance" "geocoder" {
  name         = "geocoder-1"
  machine_type = "n2-standard-4"
  zone         = "europe-west3-b"

  boot_disk {
    initialize_params { image = "debian-cloud/debian-12" }
  }

  network_interface {
    network = "default"
  }

  labels = {
    team        = "ml"
    environment = "prod"
    cost-center = "cc-1150"
  }
}

resource "google_storage_bucket" "tiles" {
  name                        = "lantern-map-tiles"
  location                    = "EUROPE-WEST3"
  uniform_bucket_level_access = true
}

resource "google_compute_firewall" "ssh" {
  name          = "allow-ssh"
  network       = "default"
  source_ranges = ["0.0.0.0/0"]§cidr

  allow {
    protocol = "tcp"
    ports    = ["22"]
  }
}"""

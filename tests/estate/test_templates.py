from __future__ import annotations

import re

import yaml

from finops_lib.estate.company import company
from finops_lib.estate.hcl import declared_tags
from finops_lib.estate.pages import Book
from finops_lib.estate.templates import write_cloudformation, write_other_clouds


def test_templates_give_back_the_tags_of_the_bill() -> None:
    """Key by key, whatever alphabet or quotes; one resource for each queue and table still there."""
    who, book, found = company(11, slots=300), Book(), {}
    write_cloudformation(book, who)
    for page in book.pages.values():
        text = re.sub(r"!(Ref|If|GetAtt|Equals|Sub)\b", "", "\n".join(page.lines))
        for item in yaml.safe_load(text)["Resources"].values():
            properties = item["Properties"]
            name = properties.get("QueueName") or properties["TableName"]
            found[name] = {tag["Key"]: tag["Value"] for tag in properties.get("Tags") or ()}
    own = [slot for slot in who.slots if slot.product.key in ("sqs", "dynamodb") and slot.last_day > 20_714]
    assert found == {re.split("[:/]", slot.resource_id(11, 24_320))[-1]: declared_tags(slot) for slot in own}


def test_other_clouds_have_a_fault_each() -> None:
    """A public storage account and an open port, at the lines that say so."""
    book = Book()
    write_other_clouds(book)
    lines = {item["kind"]: book.pages[item["path"]].lines[item["line"] - 1].strip() for item in book.planted}
    assert lines["public_storage"].endswith("= true")
    assert lines["open_port"] == 'source_ranges = ["0.0.0.0/0"]'

from __future__ import annotations

from finops_lib.estate.company import company
from finops_lib.estate.pages import Book
from finops_lib.estate.terraform import RepositoryWorld, write_terraform


def test_a_resource_that_is_gone_is_not_declared() -> None:
    """What ended before the last bill has no code, what is billed on and has a writer has some."""
    who, book = company(11, slots=160), Book()
    write_terraform(book, who, RepositoryWorld())
    gone = [slot for slot in who.slots if slot.last_day <= 20_714]
    assert gone
    assert not {slot.resource_id(11, 24_320) for slot in gone} & set(book.resources)
    here = [slot for slot in who.slots if slot.last_day > 20_714 and slot.product.key == "m6i.xlarge"]
    assert {slot.resource_id(11, 24_320) for slot in here} <= set(book.resources)


def test_sizes_are_written_in_several_ways() -> None:
    """By module, in a variable file, without spaces beside a comment."""
    book = Book()
    write_terraform(book, company(11, slots=160), RepositoryWorld())
    text = "\n".join("\n".join(page.lines) for page in book.pages.values())
    assert 'source        = "../../modules/service"' in text
    assert "var.instance_types[" in text
    assert "instance_type=" in text


def test_another_seed_plants_elsewhere() -> None:
    """And the same seed in the same places."""
    who, found = company(11, slots=160), []
    for seed in (1, 1, 2):
        book = Book()
        write_terraform(book, who, RepositoryWorld(seed=seed))
        found.append([item["line"] for item in book.planted if item["kind"] == "unencrypted_bucket"])
    assert found[0] == found[1] != found[2]

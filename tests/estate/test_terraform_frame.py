from __future__ import annotations

import pytest

from finops_lib.estate.catalogue import FRANKFURT, VIRGINIA
from finops_lib.estate.company import account
from finops_lib.estate.pages import Book
from finops_lib.estate.terraform_frame import bucket, write_account, write_modules

WORDS = (
    "modules/bucket",
    "  server_side_encryption_configuration {",
    "aws_s3_bucket_server_side_encryption_configuration",
)


@pytest.mark.parametrize(("way", "word"), list(enumerate(WORDS)))
def test_encryption_can_be_declared_in_three_ways(way: int, word: str) -> None:
    """Each way has its own word, and leaves it out, or says no, where there is none."""
    text = bucket("b_1", "b", way=way, head="", tags="  # none", encrypted=True)
    assert word in text
    assert text.count("{") == text.count("}")
    plain = bucket("b_1", "b", way=way, head="", tags="  # none", encrypted=False)
    assert ("encrypted = false" in plain) == (way == 0)
    assert "sse_algorithm" not in plain


@pytest.mark.parametrize("open_port", [True, False])
def test_an_open_port_is_told(open_port: bool) -> None:
    """Port 443 is open either way and no fault; each region has its provider."""
    book = Book()
    write_modules(book)
    write_account(book, "x", account("dev"), regions=[FRANKFURT, VIRGINIA], open_port=open_port)
    assert [item["port"] for item in book.planted] == ([22] if open_port else [])
    assert "\n".join(book.page("x/network.tf").lines).count("0.0.0.0/0") == 1 + open_port
    assert "\n".join(book.page("x/providers.tf").lines).count('provider "aws"') == 2

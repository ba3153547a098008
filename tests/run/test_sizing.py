"""Advice as a notebook shows it: the small lake's numbers, pictures, and words where nothing was measured."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.errors import ParameterError
from finops_lib.run.show import SUMMARY_TYPE
from finops_lib.run.sizing import Sizing, open_sizing
from tests.run.sizedlakes import ARN, BUSY, IDLE, bill, desk_of, lake_of


@pytest.fixture(scope="module")
def sizing(tmp_path_factory: pytest.TempPathFactory) -> Sizing:
    return open_sizing(desk_of(lake_of(tmp_path_factory.mktemp("sizing") / "x")), days=28, files={})


@pytest.fixture(scope="module")
def unwatched(tmp_path_factory: pytest.TempPathFactory) -> Sizing:
    lake = lake_of(tmp_path_factory.mktemp("unwatched") / "x", lines=list(bill()), used={})
    return open_sizing(desk_of(lake), days=28, files={})


def test_the_answer_says_what_is_saved_and_what_is_not_measured(sizing: Sizing) -> None:
    """Four changes; the machine that nobody watches and the traffic that is no resource's own."""
    said = repr(sizing.answer())
    total = sum((item.saving_month.mid for item in sizing.changes), Decimal(0))
    assert f"{len(sizing.changes)} changes together save ${total:,.2f} a month" in said
    assert "resources without a sample, or in none" in said
    assert "have no charge of their own in the bill" in said


def test_pictures_have_titles(sizing: Sizing) -> None:
    """Savings, use against size of the machine that is halved, rules for each kind of use."""
    assert "a month from the" in repr(sizing.draw_savings())
    assert BUSY in repr(sizing.draw_use())
    rules = repr(sizing.draw_rules())
    assert "cpu: " in rules
    assert "rules kept the promise" in rules


def test_why_and_trust_and_review_are_said(sizing: Sizing) -> None:
    """The largest first; its key is what a review names."""
    assert IDLE in repr(sizing.show_why()).splitlines()[0]
    assert "such call" in repr(sizing.show_trust())
    assert sizing.changes[0].key in repr(sizing.show_review())


def test_the_summary_is_what_the_command_says(sizing: Sizing) -> None:
    """The same keys and numbers."""
    content = sizing.summary(snapshots=["x"]).bundle[SUMMARY_TYPE]
    assert {item["resource"] for item in content["recommendations"]} >= {f"{ARN}{BUSY}", f"{ARN}{IDLE}"}
    assert content["saving_month"].keys() == {"USD"}
    assert content["snapshots"] == ["x"]


def test_without_samples_it_says_so_and_shows_nothing(unwatched: Sizing) -> None:
    """No crash, no number: each picture is a sentence, each table is empty."""
    assert "Nothing was measured" in repr(unwatched.answer())
    assert repr(unwatched.draw_savings()) == "- There is no saving to draw."
    assert repr(unwatched.draw_use()) == "- No change of a size is told."
    assert repr(unwatched.draw_rules()) == "- There is no past to replay."
    assert unwatched.summary().bundle[SUMMARY_TYPE]["recommendations"] == []
    for table in (
        unwatched.queue(),
        unwatched.idle(),
        unwatched.gpus(),
        unwatched.rules(),
        unwatched.staying(),
    ):
        assert table.empty


def test_days_have_bounds(tmp_path: Path) -> None:
    """As on the command line."""
    with pytest.raises(ParameterError, match="it is from 7 to 366"):
        open_sizing(desk_of(lake_of(tmp_path / "x")), days=1, files={})

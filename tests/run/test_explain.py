"""The move as a notebook shows it: the summary adds up, pictures have words, bad input has its reason."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finops_lib.errors import CurrencyError, ParameterError, QueryError
from finops_lib.run.app import RUN_VARIABLE
from finops_lib.run.explain import Move, open_move
from finops_lib.run.show import SUMMARY_TYPE, Shown
from tests.cost.conftest import write_line
from tests.run.lakes import desk_of, lake_of, lines
from tests.run.moves import JULY, JUNE, moved, quiet

EVIL = ["'; DROP TABLE charges; --", '"(none)"', "<script>alert(1)</script>", "$x^2$", "%s {0}", "x" * 300]
PICTURES = ["draw_waterfall", "draw_cells", "draw_days"]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Take the small bill in."""
    return lake_of(tmp_path_factory.mktemp("explain") / "bill", moved())


@pytest.fixture(scope="module")
def move(lake: str) -> Move:
    """Ask for July, which is held against June."""
    return open_move(desk_of(lake), after="2026-07")


@pytest.fixture(scope="module")
def daily(tmp_path_factory: pytest.TempPathFactory) -> Move:
    """Ask a lake of four whole months for nothing in particular."""
    return open_move(desk_of(lake_of(tmp_path_factory.mktemp("daily") / "bill", lines())))


def read(move: Move, **more: Any) -> dict[str, Any]:
    """Read the summary as a program does."""
    found: dict[str, Any] = json.loads(json.dumps(move.summary(**more).bundle[SUMMARY_TYPE], allow_nan=False))
    return found


def amounts(found: Any) -> list[Decimal]:
    """Read decimals."""
    return [Decimal(amount) for amount in found]


def test_the_summary_adds_up_in_parts_lines_and_cells(move: Move) -> None:
    """All three come to the change exactly, and so do the parts of each line and cell."""
    content = read(move, more=1)
    change = Decimal(content["change"])
    assert change == Decimal(content["current"]) - Decimal(content["previous"]) == 49
    assert sum(amounts(content["parts"].values())) == change
    assert sum(amounts(line["Change"] for line in content["lines"])) == change
    every = [*content["cells"], content["rest"]]
    assert sum(amounts(cell["change"] for cell in every)) == change
    for cell in every:
        assert sum(amounts(cell["parts"].values())) == Decimal(cell["change"])
    for line in content["lines"]:
        assert sum(Decimal(line[name]) for name in content["parts"]) == Decimal(line["Change"])
    assert content["more"] == 1


def test_the_summary_says_what_was_asked_and_found(move: Move) -> None:
    """Periods with their ends, dimensions, the planted cell first, resources by name."""
    content = read(move)
    assert content["before"] == {
        "name": "2026-06",
        "start": "2026-06-01T00:00:00+00:00",
        "end": "2026-07-01T00:00:00+00:00",
        "days": 30,
    }
    assert (content["after"]["name"], content["month"], content["currency"]) == ("2026-07", "2026-07", "USD")
    assert content["dimensions"] == ["ServiceName", "SubAccountName", "RegionId", "tag:team"]
    assert content["cells"][0]["where"] == {"ServiceName": "S3", "tag:team": "c"}
    assert content["cells"][0]["change"] == "40"
    assert [item["ResourceId"] for item in content["new_resources"]] == ["new6", "new5", "new4"]
    assert content["ended_resources"] == [{"ResourceId": "old", "ServiceName": "S4", "Amount": "-5"}]
    assert (content["replaced"], content["unknown_rows"], content["cells_reason"]) == ([], 0, "")


def test_the_newest_complete_month_is_held_against_the_one_before(daily: Move) -> None:
    """June against May: 7 shares of 22 weekdays and 8 weekend days are 7 (22 * 16 + 8 * 10) = 3,024."""
    content = read(daily)
    assert (content["before"]["name"], content["after"]["name"]) == ("2026-05", "2026-06")
    assert content["current"] == "3024"


@pytest.mark.parametrize("name", PICTURES)
def test_each_picture_has_words(daily: Move, name: str) -> None:
    """Its title is what a reader without eyes gets."""
    shown: Shown = getattr(daily, name)()
    assert "<svg" in shown.bundle["image/svg+xml"]
    assert any(letter.isdigit() for letter in shown.bundle["text/plain"])


def test_the_answer_says_how_much_what_and_where(move: Move) -> None:
    """One sentence each, and the rest."""
    said = repr(move.answer())
    assert "2026-07 cost $214.00 (EffectiveCost), $49.00 more than 2026-06 (+29.7 %)." in said
    assert (
        "What made it: volume +$40.00, new resources +$15.00, ended resources -$5.00; all else -$1.00."
        in said
    )
    assert "ServiceName S3, tag:team c: +$40.00, mostly volume." in said
    assert "2026-06 has 30 days" in repr(move.show_notes())


def test_columns_and_days_can_be_chosen(lake: str) -> None:
    """Two days of July against two of June by team, one dimension of cells, blanks and doubles left out."""
    found = open_move(
        desk_of(lake), before="2026-06-10..2026-06-11", after="2026-07-10..2026-07-11",
        by=" tag:team ,tag:team,", dimensions="tag:team,ServiceName", depth=2, cells=1,
    )  # fmt: skip
    content = read(found)
    assert (content["by"], content["dimensions"]) == (["tag:team"], ["tag:team", "ServiceName"])
    assert (content["change"], len(content["cells"])) == ("49", 1)
    assert content["cells"][0]["where"] == {"tag:team": "c", "ServiceName": "S3"}
    one = open_move(desk_of(lake), after="2026-07", dimensions="tag:team")
    assert "A heat map needs two dimensions." in repr(one.draw_cells())
    assert "A usual range needs 5 days" in repr(found.draw_days())


def test_a_fee_of_two_months_that_begins_in_one_is_said(tmp_path: Path) -> None:
    """61.00 for May and June are charged in May; spread over their days they are 31 and 30."""
    fee = write_line(day="2026-05-01", cost="61") | {"ChargePeriodEnd": "2026-07-01T00:00:00Z"}
    use = write_line(day="2026-06-02", cost="1", ResourceId="other")
    said = repr(open_move(desk_of(lake_of(tmp_path / "bill", [fee, use])), after="2026-06").answer())
    assert "2026-05 cost $31.00, 2026-06 $31.00." in said
    assert "2026-06 cost $1.00 (EffectiveCost), $60.00 less" in said


def test_a_period_without_charges_makes_a_whole_report(lake: str) -> None:
    """Every cell of the notebook has an answer, and no number is made up."""
    empty = open_move(desk_of(lake), after="2026-06")
    reason = "The change is unknown: no charge of 2026-05 is in the lake."
    for shown in (empty.answer(), empty.draw_waterfall(), empty.draw_cells()):
        assert reason in repr(shown)
    content = read(empty)
    assert (content["change"], content["parts"], content["previous"], content["current"]) == (
        None,
        {},
        None,
        "165",
    )
    assert (content["lines"], content["cells"], content["rest"], content["new_resources"]) == (
        [],
        [],
        None,
        [],
    )
    assert content["answer"] == reason


AWKWARD = {
    "zeros": (["0", "0"], ["0", "0"]),
    "one leaf": (["5"], ["7"]),
    "all equal": (["3", "3", "3"], ["3", "3", "3"]),
    "negative": (["-5", "2"], ["-9", "-2"]),
    "to nothing": (["8"], ["0"]),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_awkward_bills_make_a_whole_report(tmp_path: Path, name: str) -> None:
    """Zeros, one leaf, equal and negative amounts: exact parts, pictures, and a reason where no cell is."""
    before, after = AWKWARD[name]
    rows = [write_line(day=JUNE, ResourceId=f"r{n}", cost=cost) for n, cost in enumerate(before)]
    rows += [write_line(day=JULY, ResourceId=f"r{n}", cost=cost) for n, cost in enumerate(after)]
    found = open_move(desk_of(lake_of(tmp_path / "bill", rows)), after="2026-07")
    content = read(found)
    change = sum(map(Decimal, after)) - sum(map(Decimal, before))
    assert Decimal(content["change"]) == change == sum(amounts(content["parts"].values()))
    assert content["cells_reason"] == "there is one line only, and nothing to tell it from"
    for picture in PICTURES:
        assert len(repr(getattr(found, picture)())) > 10
    assert found.bridge()["Change"].iloc[-1] == change


def test_a_unit_change_by_a_thousand_is_unmeasured(tmp_path: Path) -> None:
    """10 GB for 10.00 become 10,000 of the same unit's name for 11.00: neither price nor volume is told."""
    rows = [*quiet(), write_line(day=JUNE, cost="10", PricingQuantity="10", PricingUnit="GB", ResourceId="u")]
    rows += [write_line(day=JULY, cost="11", PricingQuantity="10000", PricingUnit="GB", ResourceId="u")]
    parts = read(open_move(desk_of(lake_of(tmp_path / "bill", rows)), after="2026-07"))["parts"]
    assert (parts["Unmeasured"], parts["Price"], parts["Volume"]) == ("1", "0", "40")


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    """Quotes, SQL, markup and formulas are told in tables, pictures and JSON, and nothing of them acts."""
    rows = [
        write_line(day=day, cost=str(number + (day == JULY) * number), ServiceName=name,
                   ResourceId=name + day, RegionId=name, SubAccountName=name, tags={"team": name})
        for number, name in enumerate(EVIL, start=1)
        for day in (JUNE, JULY)
    ]  # fmt: skip
    found = open_move(desk_of(lake_of(tmp_path / "bill", rows)), after="2026-07")
    assert read(found)["change"] == "21"
    shown = [getattr(found, name)() for name in PICTURES] + [found.answer(), found.show_notes()]
    shown += [found.desk.table(frame) for frame in (found.bridge(), found.cells(), found.came_and_went())]
    assert not any(
        "<script>" in text for item in shown for kind, text in item.bundle.items() if kind != "text/plain"
    )


def test_menus_narrow_the_waterfall(move: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    """S3 alone moved by 40; a choice that one period lacks says so; in a run there are no menus."""
    monkeypatch.delenv(RUN_VARIABLE, raising=False)
    picture, table = move._view({"ServiceName": "S3"})
    assert "$40.00 more than 2026-06" in picture.bundle["text/plain"]
    assert "S3" in repr(table)
    assert "No charge of both periods" in repr(move._view({"ServiceName": "S9"})[0])
    menus = move.explorer().children[0].children
    assert [menu.description for menu in menus] == ["ServiceName", "SubAccountName"]
    monkeypatch.setenv(RUN_VARIABLE, "1")
    assert "JupyterLab" in repr(move.explorer())


def test_a_wrong_parameter_is_refused(lake: str) -> None:
    """Its name, its bounds, and the nearest column."""
    with pytest.raises(ParameterError, match="parameter after"):
        open_move(desk_of(lake), after="last month")
    with pytest.raises(ParameterError, match="parameter depth"):
        open_move(desk_of(lake), depth=9)
    with pytest.raises(QueryError, match="ServiceNam"):
        _ = open_move(desk_of(lake), by="ServiceNam").change


def asked_of(lake: str, tmp_path: Path, **texts: str) -> Move:
    """Ask for July with these files."""
    files = {}
    for name, text in texts.items():
        path = tmp_path / f"{name}.{'json' if text.startswith('{') else 'toml' if '[[' in text else 'csv'}"
        path.write_text(text)
        files[name] = str(path)
    return open_move(desk_of(lake), after="2026-07", files=files)


def test_july_is_held_against_its_plan(lake: str, tmp_path: Path) -> None:
    """S1 was planned at 40 and cost 39, S2 at 30 and cost 40; S5 never came, S3 and S4 were not planned."""
    plan = "month,amount,currency,ServiceName\n2026-07,40,USD,S1\n2026-07,30,USD,S2\n2026-07,7,USD,S5\n"
    move = asked_of(lake, tmp_path, plan=plan)
    content = read(move)
    assert (content["before"]["name"], content["planned"]) == ("the plan of 2026-07", True)
    assert [Decimal(content[name]) for name in ("previous", "current", "change")] == [77, 214, 137]
    lines = {line["ServiceName"]: Decimal(line["Change"]) for line in content["lines"]}
    assert lines == {"S1": -1, "S2": 10, "S3": 80, "S4": 55, "S5": -7}
    parts = {name: Decimal(amount) for name, amount in content["parts"].items() if Decimal(amount)}
    assert parts == {"New": 135, "Ended": -7, "Unmeasured": 10, "Credits": -1}
    assert sum(Decimal(cell["change"]) for cell in [*content["cells"], content["rest"]]) == 137
    text = move.answer().bundle["text/html"]
    assert "more than the plan of 2026-07" in text
    assert "what was not planned" in text
    shown = [move.bridge(), move.cells(), move.came_and_went()]
    assert Decimal(shown[0]["Change"].iloc[-1]) == 137
    assert shown[2].empty
    for name in PICTURES:
        assert getattr(move, name)().bundle
    assert "single days" in move.draw_days().bundle["text/html"]


def test_a_forecast_is_a_plan_of_the_whole(lake: str, tmp_path: Path) -> None:
    """200 forecast for July, 214 charged."""
    months = [{"month": "2026-07", "whole": {"mid": "200", "currency": "USD"}}]
    content = read(asked_of(lake, tmp_path, plan=json.dumps({"months": months})))
    assert [Decimal(content[name]) for name in ("previous", "current", "change")] == [200, 214, 14]
    assert content["by"] == ["BillingCurrency"]


def test_a_plan_in_another_currency_or_with_a_period_before_is_refused(lake: str, tmp_path: Path) -> None:
    """Amounts of two currencies are never held against each other."""
    with pytest.raises(CurrencyError, match="plan and bill in EUR, USD"):
        read(asked_of(lake, tmp_path, plan="month,amount,currency\n2026-07,1,EUR\n"))
    files = {"plan": str(tmp_path / "plan.csv")}
    with pytest.raises(ParameterError, match="a plan takes the place of the earlier period"):
        open_move(desk_of(lake), before="2026-06", after="2026-07", files=files)


def test_known_changes_are_listed_with_the_cell_that_they_may_touch(lake: str, tmp_path: Path) -> None:
    """An event of July 9 in S3 goes with its cell; one of everything or of Mars with none; August is out."""
    events = (
        "time,what,ServiceName,RegionId\n2026-07-09T12:00,Release 7,S3,\n2026-06-20,Move,,mars\n"
        "2026-08-01,Later,,\n"
    )
    planned = '[[change]]\nname = "Sale"\nwhy = "x"\nkind = "step"\nfrom = 2026-07-01\namount = 1\n'
    planned += 'currency = "USD"\n'
    move = asked_of(lake, tmp_path, events=events, changes=planned)
    table = move.change_table()
    assert table["What"].tolist() == ["Move", "Sale", "Release 7"]
    assert "S3" in table["Cell"].iloc[2]
    assert table["Cell"].tolist()[:2] == ["(none of its own)"] * 2
    assert table["Scope"].tolist() == ["RegionId mars", "everything", "ServiceName S3"]
    assert [one["what"] for one in read(move)["changes"]] == ["Move", "Sale", "Release 7"]


def test_the_index_shows_a_handful_of_figures(move: Move) -> None:
    """Both sides, the change, what made most of it and where: 165 and 214, of which volume 40 in S3 of c."""
    found = move.figures()
    assert list(found) == ["2026-06", "2026-07", "change", "made by", "mostly in"]
    assert (found["2026-06"], found["2026-07"], found["change"]) == (
        "$165.00",
        "$214.00",
        "+$49.00 (+29.7 %)",
    )
    assert found["made by"] == "volume +$40.00"
    assert found["mostly in"].endswith("+$40.00")
    assert read(move)["figures"] == [{"name": name, "value": value} for name, value in found.items()]


def test_spans_of_days_take_their_part_of_a_fee(tmp_path: Path) -> None:
    """A fee of 31 for July and use of 1 a day: two weeks cost 14 each, and nothing moved."""
    fee = {"ChargePeriodStart": "2026-07-01T00:00:00Z", "ChargePeriodEnd": "2026-08-01T00:00:00Z"}
    rows = [write_line(day="2026-07-01", cost="31", PricingQuantity="31", ResourceId="fee", **fee)]
    rows += [write_line(day=f"2026-07-{day:02d}", cost="1", ResourceId="vm") for day in range(1, 15)]
    lake = lake_of(tmp_path / "bill", rows)
    weeks = {"before": "2026-07-01..2026-07-07", "after": "2026-07-08..2026-07-14"}
    move = open_move(desk_of(lake), **weeks)
    content = read(move)
    assert [Decimal(content[name]) for name in ("previous", "current", "change")] == [14, 14, 0]
    assert any("counts with those of its days" in note for note in content["notes"])
    assert not any("begin" in note for note in content["notes"])
    months = read(open_move(desk_of(lake), after="2026-07"))
    assert Decimal(months["current"]) == 45
    assert not any("counts with those of its days" in note for note in months["notes"])

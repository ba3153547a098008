"""Looking ahead: what can be asked, and what becomes of the series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from finops_lib.errors import CurrencyError, ParameterError, QueryError
from finops_lib.records import NoForecast
from finops_lib.run.forecasting import Numbers
from finops_lib.run.looking import Asked, look_ahead, part_of
from finops_lib.run.watched import Files
from tests.cost.conftest import write_line
from tests.run.lakes import desk_of, lake_of, lines


@pytest.mark.parametrize("wrong", [{"horizon": 0}, {"horizon": 367}, {"by": ()}, {"by": ("a", "b", "c")}])
def test_what_cannot_be_asked_is_refused(wrong: dict[str, Any]) -> None:
    """No day, more than a year, and no or three levels below the whole."""
    with pytest.raises(ParameterError, match="parameter"):
        Asked(**{"by": ("a",), "horizon": 30, "level": 0.8, "largest": 5, **wrong})


def test_the_forecast_begins_after_the_month_that_was_asked_for(tmp_path: Path) -> None:
    """With May as the last month nothing of June is known, and the past is as it was."""
    desk = desk_of(lake_of(tmp_path / "bill", lines()))
    asked = Asked(("tag:team",), 14, 0.8, 5, month="2026-05")
    found: Numbers = look_ahead(desk, Numbers, asked=asked, files=Files())
    assert f"{found.watch.end:%Y-%m-%d}" == "2026-06-01"
    whole = found.answers[()]
    assert float(whole.amount.mid) == pytest.approx(7 * (10 * 16 + 4 * 10), rel=0.1)  # type: ignore[union-attr]


def test_currencies_are_never_mixed(tmp_path: Path) -> None:
    """Two and no choice: refused, with what to write; one of them can be asked for."""
    rows = [write_line(day=f"2026-06-{day:02d}", cost="1") for day in range(1, 31)]
    rows += [{**row, "BillingCurrency": "EUR", "EffectiveCost": "5"} for row in rows]
    lake = lake_of(tmp_path / "bill", rows)
    asked = Asked(("ServiceName",), 7, 0.8, 5)
    with pytest.raises(CurrencyError, match="-p currency=EUR"):
        look_ahead(desk_of(lake), Numbers, asked=asked, files=Files())
    found: Numbers = look_ahead(desk_of(lake, currency="EUR"), Numbers, asked=asked, files=Files())
    assert float(found.answers[()].amount.mid) == pytest.approx(35.0)  # type: ignore[union-attr]


def test_days_that_are_all_filling_up_give_no_forecast(tmp_path: Path) -> None:
    """Three days of an open month: no number, a reason, and the report goes on."""
    rows = [write_line(day=f"2026-08-{day:02d}", cost="1") for day in (17, 18, 19)]
    desk = desk_of(lake_of(tmp_path / "bill", rows))
    found: Numbers = look_ahead(desk, Numbers, asked=Asked(("ServiceName",), 7, 0.8, 5), files=Files())
    whole = found.answers[()]
    assert isinstance(whole, NoForecast)
    assert whole.reason == "it has no value"


def test_a_column_or_country_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The nearest column is offered, the country's code explained."""
    lake = lake_of(tmp_path / "bill", list(lines())[:200])
    for asked, said in (
        (Asked(("tag:taem",), 7, 0.8, 5), "tag:team"),
        (Asked(("tag:team",), 7, 0.8, 5, country="Atlantis"), "ISO 3166"),
    ):
        with pytest.raises(QueryError, match=said):
            look_ahead(desk_of(lake), Numbers, asked=asked, files=Files())


def test_a_part_of_an_outlook_keeps_what_is_its_own(tmp_path: Path) -> None:
    """Rows, errors, scales and reasons go with their series."""
    desk = desk_of(lake_of(tmp_path / "bill", lines()))
    base = look_ahead(desk, Numbers, asked=Asked(("tag:team",), 7, 0.8, 5), files=Files()).base
    names = base.panel.names
    part = part_of(base, {names[1]})
    assert part.panel.names == (names[1],)
    assert np.array_equal(part.mid[0], base.mid[1])
    assert np.array_equal(part.errors[:, 0], base.errors[:, 1], equal_nan=True)
    assert part.scale.tolist() == [base.scale[1]]
    assert part_of(base, set()).mid.shape == (0, 7)


def test_a_thousand_series_are_forecast_as_few(tmp_path: Path) -> None:
    """Small ones are counted together, so that the time is bounded, and the whole is whole."""
    rows = [
        write_line(day=f"2026-06-{day:02d}", cost=str(1 + number % 7), ServiceName=f"s{number}")
        for day in range(1, 31)
        for number in range(100)
    ]
    asked = Asked(("ServiceName", "RegionId"), 7, 0.8, 10)
    found: Numbers = look_ahead(
        desk_of(lake_of(tmp_path / "bill", rows)), Numbers, asked=asked, files=Files()
    )
    assert len(found.names) <= 16
    spent = sum(1 + number % 7 for number in range(100))
    assert float(found.answers[()].amount.mid) == pytest.approx(7 * spent, rel=0.01)  # type: ignore[union-attr]

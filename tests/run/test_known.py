"""A value that no notebook could use is refused before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_lib.errors import ParameterError, SettingsError
from finops_lib.run.known import refuse_unknown_values


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"month": "banana"},
            "parameter month: month 'banana': a month is written YYYY-MM. "
            "Remedy: write, for example, 2026-07.",
        ),
        (
            {"cost": "Foo"},
            "parameter cost=Foo: it is one of ListCost, ContractedCost, EffectiveCost, BilledCost. "
            "Remedy: write one of them.",
        ),
        (
            {"month": "2026-07", "currency": "usd"},
            "parameter currency=usd: it is an ISO 4217 code. Remedy: write, for example, USD.",
        ),
    ],
)
def test_a_value_that_cannot_be_is_refused(values: dict[str, str], said: str) -> None:
    """The parameter, its rule and what to write."""
    with pytest.raises(ParameterError) as caught:
        refuse_unknown_values(values)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    "name", ["budget", "limits", "changes", "rules", "metrics", "windows", "alerts", "labels"]
)
def test_a_file_of_plans_is_read_before_anything_runs(tmp_path: Path, name: str) -> None:
    """One that is not there, or says nothing, costs no run of a notebook."""
    path = tmp_path / "plans.toml"
    with pytest.raises(SettingsError, match=r"plans\.toml"):
        refuse_unknown_values({name: str(path)})
    path.write_text("[[" + "x]]")
    with pytest.raises(SettingsError, match=r"plans\.toml"):
        refuse_unknown_values({name: str(path)})


def test_a_moment_is_iso_8601() -> None:
    """Another spelling is refused."""
    with pytest.raises(ParameterError, match="parameter now"):
        refuse_unknown_values({"now": "yesterday"})


def test_empty_values_and_other_parameters_are_left_alone() -> None:
    """An empty text stands for the default; a name of a notebook's own may hold anything."""
    refuse_unknown_values({"month": "", "cost": "", "currency": "", "now": "", "by": "x", "top": 3})

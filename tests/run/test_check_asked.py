"""What is asked of a check: policies, waivers and prices as files say them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from finops_lib.errors import PolicyError, SettingsError
from finops_lib.policy.bundle import shipped
from finops_lib.run.check_asked import Prices, Rules
from tests.policy.bundles import folder_with, thing

WAIVERS = """waivers:
  - {id: W-1, rule: TAG-001, subject: "a:b.c*", owner: ana, reason: it goes next month, from: "2026-11-01",
     until: "2026-12-01", approved_by: ben}
"""


def test_without_a_folder_the_shipped_policies_hold() -> None:
    """Pinned or not; another digest is refused."""
    bundle = shipped()
    assert Rules.read(pinned=bundle.sha256).bundle == bundle
    with pytest.raises(PolicyError, match="it is the pinned one"):
        Rules.read(pinned="0" * 64)


def test_waivers_reach_the_engine(tmp_path: Path) -> None:
    """What was denied is lifted while the waiver is in force, and denied again after."""
    file = tmp_path / "waivers.yaml"
    file.write_text(WAIVERS, encoding="utf-8")
    rules = Rules.read(folder=str(folder_with(tmp_path / "bundle")), waivers=str(file))
    document = thing(team="")
    with rules.engine() as engine:
        lifted = engine.judge(document)
        after = engine.judge({**document, "time": "2026-12-01T00:00:00Z"})
    assert (lifted.outcome, [one.rule for one in lifted.waived]) == ("allow", ["TAG-001"])
    assert after.outcome == "deny"


def test_prices_have_a_core_and_a_gib_where_the_file_tells_them(tmp_path: Path) -> None:
    """A file with one type tells its price, and no part of it."""
    shipped_prices = Prices.read()
    assert shipped_prices.cluster is not None
    assert shipped_prices.cluster.core_hour > shipped_prices.cluster.gib_hour > Decimal(0)
    with pytest.raises(SettingsError):
        Prices.read(str(tmp_path / "gone.csv"))

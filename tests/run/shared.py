"""A small lake whose split can be worked by hand: two teams, a shared queue, tax, and what nobody has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from finops_lib.run.allocated import Allocated, open_allocation
from tests.cost.conftest import write_line
from tests.run.lakes import desk_of, lake_of

RULES = """
version = "2026-07"

[[rule]]
name = "tag"
method = "direct"
by = "tag:team"

[[rule]]
name = "queue"
method = "usage"
where = { ServiceName = "Queue" }
metric = "messages"

[[rule]]
name = "support"
method = "fixed"
where = { ServiceName = "Support" }
shares = { web = 1 }
valid_until = "2026-07"

[[rule]]
name = "support"
method = "fixed"
where = { ServiceName = "Support" }
shares = { web = 0.25, data = 0.75 }
valid_from = "2026-07"

[[unit_cost]]
name = "Request"
metric = "requests"
where = { ServiceName = "VM" }
"""
METRICS = """date,metric,consumer,value
2026-06,requests,web,100
2026-07,requests,web,200
2026-07,messages,web,1
2026-07,messages,data,3
"""
_VM: Mapping[str, str] = {"ServiceName": "VM", "ServiceCategory": "Compute"}


def charges() -> list[Mapping[str, str]]:
    """Write the charges of June and July.

    In July web has 60 and data 20 of their own; of a queue of 8 web has a quarter, of support of 4 too; 10 in
    the account of web and 7 without an account are nobody's. In June a VM hour cost 1, in July 1.50.
    """
    july = {"day": "2026-07-02"}
    return [
        write_line(day="2026-06-02", cost="50", tags={"team": "web"}, ConsumedQuantity="50", **_VM),
        write_line(day="2026-06-03", cost="4", ServiceName="Support", ResourceId="s"),
        write_line(**july, cost="60", tags={"team": "web"}, ConsumedQuantity="40", **_VM),
        write_line(
            **july, cost="20", tags={"team": "data"}, ServiceName="Disk", SubAccountId="9", ResourceId="d"
        ),
        write_line(**july, cost="8", ServiceName="Queue", ResourceId="q", SubAccountId="9"),
        write_line(**july, cost="4", ServiceName="Support", ResourceId="s"),
        write_line(**july, cost="10", ServiceName="VPN", ResourceId="v"),
        write_line(**july, cost="7", ServiceName="Spare", ResourceId="", SubAccountId="", SubAccountName=""),
    ]


def files_of(folder: Path, *, rules: str = RULES, metrics: str = METRICS) -> dict[str, str]:
    """Write the rules and the metrics, and name them."""
    (folder / "rules.toml").write_text(rules)
    (folder / "metrics.csv").write_text(metrics)
    return {"rules": str(folder / "rules.toml"), "metrics": str(folder / "metrics.csv")}


def lake(folder: Path) -> str:
    """Take the charges in."""
    return lake_of(folder / "bill", charges())


def opened(root: str, folder: Path, *, month: str = "2026-07", **more: Any) -> Allocated:
    """Split a month."""
    return open_allocation(desk_of(root, month=month), **files_of(folder, **more))

"""How the sample company shares its costs: the allocation rules, and what its teams used, as metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from finops_lib.estate.calendar import UNTIL
from finops_lib.estate.others.fleet import source
from finops_lib.estate.tagging import COST_CENTRES, TEAMS
from finops_lib.records import Period

RULES_FILE, METRICS_FILE = "allocation.toml", "metrics.csv"
SPELT = {
    "plattform": "platform", "check-out": "checkout", "Tracking": "tracking", "DATA": "data",
    "ML": "ml", "MOBILE": "mobile", "SECURITY": "security",
}  # fmt: skip
_CHANGED = 6  # months before the newest, in which support is shared anew
_METRIC = "metrics"
_CUSTOMERS = (41_000, 300)  # in the first month, and more each month after
_MONTHLY: Mapping[str, Mapping[str, int]] = {
    "requests": {"checkout": 310_000_000, "tracking": 520_000_000, "mobile": 240_000_000},
    "million_tokens": {"data": 9_400, "ml": 3_100, "checkout": 700},
    "gpu_hours": {"ml": 2_900, "data": 800},
}
_MESSAGES: Mapping[str, tuple[int, int]] = {  # each day in thousands; that of the weekday on which it peaks
    "checkout": (5_200, 4), "tracking": (7_400, 0), "mobile": (2_100, 5), "data": (1_600, 6),
}  # fmt: skip
_PEAK = 160  # percent
_WEEK = 7

_HEAD = "# Who pays at Lantern Freight. Rules are applied in this order; what none places stays unallocated."
_RULES = """
[[rule]]
name = "cluster nodes"
method = "cluster"
where = {{ ServiceName = "Amazon Elastic Compute Cloud" }}
level = "tag:team"
idle = "proportional"

[[rule]]
name = "team tag"
method = "direct"
by = "tag:team"
map = {{ {teams} }}

[[rule]]
name = "team tag at Oracle"
method = "direct"
where = {{ x_ProviderName = "Oracle" }}
by = "tag:lantern.team"
map = {{ {teams} }}

[[rule]]
name = "cost centre"
method = "direct"
by = "tag:cost-center"
map = {{ {centres} }}

[[rule]]
name = "accounts of one team"
method = "direct"
where = {{ x_ProviderName = "AWS" }}
by = "SubAccountName"
map = {{ "lantern-ml" = "ml", "lantern-security" = "security" }}

[[rule]]
name = "queues"
method = "shapley"
where = {{ ServiceName = "Amazon Simple Queue Service" }}
metric = "messages"
game = "peak"
block = 500

[[rule]]
name = "logs"
method = "usage"
where = {{ ServiceName = ["AmazonCloudWatch", "Cloud Logging"] }}
metric = "requests"

[[rule]]
name = "networks of our sites"
method = "even"
where = {{ ServiceName = ["Network depreciation", "Network power", "Network space", "Network staff"] }}
to = [{names}]

[[rule]]
name = "support"
method = "fixed"
where = {{ ServiceName = "AWS Support (Business)" }}
shares = {{ platform = 0.5, checkout = 0.3, data = 0.2 }}
valid_until = "{changed}"

[[rule]]
name = "support"
method = "fixed"
where = {{ ServiceName = "AWS Support (Business)" }}
shares = {{ platform = 0.4, checkout = 0.3, data = 0.2, ml = 0.1 }}
valid_from = "{changed}"

[[rule]]
name = "tax and adjustments"
method = "proportional"
where = {{ ChargeCategory = ["Tax", "Adjustment"] }}

[[unit_cost]]
name = "Customer"
metric = "customers"
combined = "mean"

[[unit_cost]]
name = "Request"
metric = "requests"
where = {{ x_ProviderName = "AWS" }}

[[unit_cost]]
name = "Million tokens"
metric = "million_tokens"
where = {{ ServiceName = ["Amazon Bedrock", "Vertex AI"] }}

[[unit_cost]]
name = "GPU hour"
metric = "gpu_hours"
where = {{ ServiceName = "Amazon Elastic Compute Cloud", SubAccountName = "lantern-ml" }}
"""


def write_sharing(folder: Path, *, months: Sequence[str], seed: int) -> None:
    """Write ``allocation.toml`` and ``metrics.csv``.

    Parameters
    ----------
    folder : Path
        Where to.
    months : sequence of str
        ``YYYY-MM``, oldest first; the last one is partial.
    seed : int
        The one source of chance.
    """
    (folder / RULES_FILE).write_text(rules_text(months), encoding="utf-8", newline="\n")
    lines = [f"{day},{metric},{team},{value}" for day, metric, team, value in metrics(months, seed=seed)]
    text = "\n".join(["date,metric,consumer,value", *lines]) + "\n"
    (folder / METRICS_FILE).write_text(text, encoding="utf-8", newline="\n")


def rules_text(months: Sequence[str]) -> str:
    """Which rules hold in these months.

    Parameters
    ----------
    months : sequence of str
        As in `write_sharing`.

    Returns
    -------
    str
        TOML.
    """
    teams = {team: team for team in TEAMS} | SPELT
    centres = {code: team for team, code in COST_CENTRES.items()}
    centres |= {code.lower(): team for code, team in centres.items()}
    rules = _RULES.format(
        teams=_table(teams), centres=_table(centres), names=", ".join(f'"{team}"' for team in TEAMS),
        changed=months[max(0, len(months) - _CHANGED)],
    )  # fmt: skip
    return f'{_HEAD}\nversion = "{months[-1]}"\n{rules}'


def _table(values: Mapping[str, str]) -> str:
    return ", ".join(f'"{key}" = "{value}"' for key, value in values.items())


def metrics(months: Sequence[str], *, seed: int) -> Iterator[tuple[str, str, str, int]]:
    """What did the company and its teams use: date, metric, consumer, value.

    Parameters
    ----------
    months : sequence of str
        As in `write_sharing`.
    seed : int
        The one source of chance.

    Yields
    ------
    tuple
        Customers, requests, tokens and GPU hours of each month, a partial one in proportion to its days;
        messages of the queues, in thousands, of each day.
    """
    rng = source(_METRIC, seed)
    for number, month in enumerate(months):
        period = Period.month(month)
        days = min(period.days, (UNTIL - period.start).days)
        yield month, "customers", "", _CUSTOMERS[0] + number * _CUSTOMERS[1] + int(rng.integers(0, 200))
        for metric, teams in _MONTHLY.items():
            for team, usual in teams.items():
                grown = usual * (100 + number) * int(rng.integers(960, 1041))
                yield month, metric, team, grown * days // (100_000 * period.days)
        first = period.start.date().toordinal()
        for day in (date.fromordinal(first + place) for place in range(days)):
            for team, (usual, weekday) in _MESSAGES.items():
                percent = _PEAK if day.weekday() == weekday else 100
                yield (
                    day.isoformat(),
                    "messages",
                    team,
                    usual * percent * int(rng.integers(95, 106)) // 10_000,
                )

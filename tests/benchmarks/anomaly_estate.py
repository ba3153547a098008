"""Daily costs of the sample company's bills, as series that events are put into."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from finops_lib.run.demo import deliveries, sample_folder
from finops_lib.run.desk import open_desk
from finops_lib.run.ingesting import take_in
from finops_lib.run.odd import open_oddities

KEY = {"FINOPS_PRIVACY_KEY": "0123456789abcdef" * 2}
NOW = datetime(2026, 9, 19, tzinfo=UTC)
SOURCES = ("focus", "azure", "gcp", "oci")
BY = ["x_ProviderName", "SubAccountId", "ServiceName"]
DAYS, LARGEST = 380, 30
CHARGED = 0.95  # share of the days


def series() -> list[tuple[str, np.ndarray]]:
    """Read what the largest services of each account cost day by day; only those that are charged daily."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "lake"
        found = [item for item in deliveries(sample_folder()) if "-first" not in item.paths[0].name]
        for number, source in enumerate(SOURCES):
            paths = [path for item in found if item.name.split()[0] == source for path in item.paths]
            take_in(paths, lake_root=root, environ=KEY, now=NOW + timedelta(seconds=number))
        days = open_oddities(open_desk(str(root), now="2026-09-20"), days=DAYS).costs.days
    table = days.assign(value=days["value"].astype(float))
    wide = table.pivot_table(index="time", columns=BY, values="value", aggfunc="sum")
    wide = wide.reindex(pd.date_range(wide.index.min(), wide.index.max())).fillna(0.0)
    daily = wide.loc[:, (wide > 0).mean() >= CHARGED]
    largest = daily.sum().sort_values(ascending=False).index[:LARGEST]
    return [("estate/" + "/".join(map(str, name)), daily[name].to_numpy()) for name in largest]

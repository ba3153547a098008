"""Write all of the sample company: bills of every provider, usage, repository, decisions, and the truths."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finops_lib.estate.budgets import write_budgets
from finops_lib.estate.company import company
from finops_lib.estate.decisions import write_decisions
from finops_lib.estate.focus_datasets import write_datasets
from finops_lib.estate.gitops import write_repository
from finops_lib.estate.history import DecisionWorld
from finops_lib.estate.machines import TelemetryWorld
from finops_lib.estate.offers import write_offers
from finops_lib.estate.others.ranges import Ranges
from finops_lib.estate.others.write import write_others
from finops_lib.estate.sharing import write_sharing
from finops_lib.estate.telemetry import write_telemetry
from finops_lib.estate.terraform import RepositoryWorld
from finops_lib.estate.write import slots_for, write_estate

_PART = 8  # each other provider has an eighth of the rows of AWS


@dataclass(frozen=True)
class World:
    """Bounds of all that is planted; the defaults make the sample."""

    others: Ranges = field(default_factory=Ranges)
    telemetry: TelemetryWorld = field(default_factory=TelemetryWorld)
    repository: RepositoryWorld = field(default_factory=RepositoryWorld)
    decisions: DecisionWorld = field(default_factory=DecisionWorld)


def write_whole(
    folder: Path, *, rows: int, seed: int, months: int = 14, world: World | None = None
) -> dict[str, Any]:
    """Write the whole company into a folder, each part with its truth beside it.

    Bills stand in ``focus``, ``cur``, ``azure``, ``azure-amortized``, ``gcp``, ``oci``, ``opencost`` and
    ``onprem``, the FOCUS datasets beside the AWS bill in ``datasets``; what resources used in ``usage``, the
    GitOps repository in ``repository``, the history of decisions in ``decisions``; ``budgets.toml`` and
    ``limits.toml`` say what the company plans, ``allocation.toml`` and ``metrics.csv`` who pays for what and
    what was used, ``offers.csv`` and ``held.csv`` what could be committed to and until when commitments run.
    ``truth.json`` holds the truth of the AWS bills, ``truth-<part>.json`` that of each other part. The same
    arguments give the same content on every machine.

    Parameters
    ----------
    folder : Path
        Where to; made where missing.
    rows : int
        About how many rows the AWS bill has in all months.
    seed : int
        The one source of chance.
    months : int
        The newest months, a count; the last one is partial.
    world : World, optional
        Other bounds than the sample's.

    Returns
    -------
    dict
        Part to its truth, JSON-able.

    Raises
    ------
    ValueError
        A count is below 1.
    """
    bounds = world or World()
    aws = write_estate(folder, rows=rows, seed=seed, months=months)
    who = company(seed, slots=slots_for(rows, months))
    write_datasets(folder / "datasets", who, aws)
    told = {
        "others": write_others(
            folder, who=who, seed=seed, months=months, rows=max(1, rows // _PART), ranges=bounds.others
        ),
        "usage": write_telemetry(folder / "usage", who, world=bounds.telemetry),
        "repository": write_repository(folder / "repository", who, world=bounds.repository),
        "decisions": write_decisions(folder / "decisions", who, world=bounds.decisions),
    }
    write_budgets(folder, aws, told["others"])
    write_sharing(folder, months=aws.months, seed=seed)
    write_offers(folder, who, told["others"])
    for name, truth in told.items():
        text = json.dumps(truth, ensure_ascii=False, indent=1) + "\n"
        (folder / f"truth-{name}.json").write_text(text, encoding="utf-8")
    return {"aws": aws.to_json(), **told}

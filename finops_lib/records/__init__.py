"""The words every room shares: frozen, typed, JSON both ways, ids from content."""

from __future__ import annotations

from finops_lib.records.anomalies import Anomaly, Cause
from finops_lib.records.core import (
    ALLOCATION_KIND,
    CHARGES_KIND,
    Conformance,
    Money,
    Period,
    Record,
    RuleCount,
    Snapshot,
    content_id,
    plain,
)
from finops_lib.records.estimates import Estimate, Forecast, NoForecast
from finops_lib.records.optimize import NoRecommendation, Recommendation
from finops_lib.records.policy import Reason, Resource, Verdict

__all__ = [
    "ALLOCATION_KIND",
    "CHARGES_KIND",
    "Anomaly",
    "Cause",
    "Conformance",
    "Estimate",
    "Forecast",
    "Money",
    "NoForecast",
    "NoRecommendation",
    "Period",
    "Reason",
    "Recommendation",
    "Record",
    "Resource",
    "RuleCount",
    "Snapshot",
    "Verdict",
    "content_id",
    "plain",
]

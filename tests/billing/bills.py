"""One small bill of every format, for tests that spoil it: rows of given costs, written as the provider does."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from finops_lib.billing.ingest import ingest
from finops_lib.billing.lake import CHARGES, Lake
from finops_lib.privacy import People
from finops_lib.records import Conformance

NOW = datetime(2026, 8, 20, tzinfo=UTC)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Sample:
    """A bill of one format: a ``row`` of one dollar, and which of its columns are cost, day, id, tags, text.

    ``kind`` is ``csv``, ``lines`` (JSON, one object a line) or ``document`` (one JSON answer). ``unit`` is
    what stands in the column of the cost for one dollar, ``nested`` names columns that hold JSON, ``told``
    the format's name, and ``rates`` the file of prices that it needs.
    """

    name: str
    told: str
    row: Mapping[str, str]
    cost: str
    day: str
    id: str
    tags: str
    texts: tuple[str, ...]
    kind: str = "csv"
    unit: int = 1
    nested: tuple[str, ...] = ()
    rates: str = ""

    def line(self, cost: str | int, number: int = 0, **changes: str) -> dict[str, str]:
        """Write one charge; a cost that is text stays as it is."""
        told = cost if isinstance(cost, str) else str(cost * self.unit)
        return {**self.row, self.cost: told, self.id: f"{self.row[self.id]}{number}", **changes}

    def bill(self, *lines: Mapping[str, str], separator: str = ",") -> bytes:
        """Write a bill of these rows."""
        if self.kind == "csv":
            file = io.StringIO(newline="")
            names = dict.fromkeys(name for line in lines for name in line)
            writer = csv.DictWriter(file, list(names), delimiter=separator, lineterminator="\n")
            writer.writeheader()
            writer.writerows(lines)
            return file.getvalue().encode()
        items = [json.dumps(self._object(line), ensure_ascii=False) for line in lines]
        if self.kind == "lines":
            return "".join(f"{item}\n" for item in items).encode()
        named = ",".join(f'"n{number}":{item}' for number, item in enumerate(items))
        return f'{{"code":200,"data":[{{{named}}}]}}'.encode()

    def of(self, *costs: str | int) -> bytes:
        """Write a bill of these costs."""
        return self.bill(*(self.line(cost, number) for number, cost in enumerate(costs)))

    def _object(self, line: Mapping[str, str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, text in line.items():
            outer, _, inner = name.partition(".")
            holder = found.setdefault(outer, {}) if inner else found
            holder[inner or outer] = self._value(name, text)
        return found

    def _value(self, name: str, text: str) -> Any:
        try:
            return json.loads(text) if name in self.nested else float(text) if name == self.cost else text
        except ValueError:
            return text


FOCUS = Sample(
    "focus",
    "FOCUS",
    {
        "BilledCost": "1",
        "ContractedCost": "1",
        "EffectiveCost": "1",
        "ListCost": "1",
        "BillingAccountId": "111",
        "BillingCurrency": "USD",
        "BillingPeriodEnd": "2026-08-01T00:00:00Z",
        "BillingPeriodStart": "2026-07-01T00:00:00Z",
        "ChargeCategory": "Usage",
        "ChargeDescription": "a machine",
        "ChargePeriodEnd": "2026-07-02T00:00:00Z",
        "ChargePeriodStart": "2026-07-01T00:00:00Z",
        "ProviderName": "Cloud",
        "ResourceId": "r",
        "ServiceName": "Compute",
        "Tags": "{}",
    },
    cost="BilledCost",
    day="ChargePeriodStart",
    id="ResourceId",
    tags="Tags",
    texts=("BillingAccountId", "ChargeDescription", "ProviderName", "ResourceId", "ServiceName"),
)
AWS_CUR = Sample(
    "aws-cur",
    "AWS Cost and Usage Report",
    {
        "identity/LineItemId": "l",
        "bill/BillingPeriodStartDate": "2026-07-01T00:00:00Z",
        "bill/BillingPeriodEndDate": "2026-08-01T00:00:00Z",
        "bill/PayerAccountId": "111",
        "lineItem/UsageAccountId": "222",
        "lineItem/LineItemType": "Usage",
        "lineItem/UsageStartDate": "2026-07-01T00:00:00Z",
        "lineItem/UsageEndDate": "2026-07-01T01:00:00Z",
        "lineItem/ProductCode": "AmazonEC2",
        "lineItem/UsageType": "BoxUsage",
        "lineItem/Operation": "RunInstances",
        "lineItem/ResourceId": "i-1",
        "lineItem/UsageAmount": "1",
        "lineItem/CurrencyCode": "USD",
        "lineItem/UnblendedCost": "1",
        "lineItem/LineItemDescription": "a machine",
        "resourceTags/user:note": "",
    },
    cost="lineItem/UnblendedCost",
    day="lineItem/UsageStartDate",
    id="lineItem/ResourceId",
    tags="resourceTags/user:note",
    texts=(
        "bill/PayerAccountId",
        "lineItem/LineItemDescription",
        "lineItem/LineItemType",
        "lineItem/Operation",
        "lineItem/ProductCode",
        "lineItem/ResourceId",
    ),
)
AZURE = Sample(
    "azure",
    "Azure Cost Management",
    {
        "BillingAccountId": "E1",
        "BillingAccountName": "Trey",
        "BillingPeriodStartDate": "07/01/2026",
        "BillingPeriodEndDate": "07/31/2026",
        "SubscriptionId": "s1",
        "SubscriptionName": "Web",
        "Date": "07/01/2026",
        "ProductName": "D2 v3",
        "MeterCategory": "Virtual Machines",
        "MeterName": "D2 v3",
        "Quantity": "1",
        "CostInBillingCurrency": "1",
        "BillingCurrency": "USD",
        "ResourceGroup": "web",
        "ResourceId": "r",
        "Tags": "",
        "ChargeType": "Usage",
        "CostCenter": "42",
    },
    cost="CostInBillingCurrency",
    day="Date",
    id="ResourceId",
    tags="Tags",
    texts=("BillingAccountId", "ChargeType", "CostCenter", "MeterCategory", "ProductName", "ResourceId"),
)
GCP_LINES = Sample(
    "gcp-lines",
    "Google Cloud billing export",
    {
        "billing_account_id": "01AAAA-02BBBB-03CCCC",
        "service.id": "6F81",
        "service.description": "Compute Engine",
        "sku.id": "2E27",
        "sku.description": "Core",
        "usage_start_time": "2026-07-01 00:00:00 UTC",
        "usage_end_time": "2026-07-01 01:00:00 UTC",
        "project.id": "web",
        "project.name": "Web",
        "labels": "[]",
        "export_time": "2026-07-02 01:00:00 UTC",
        "cost": "1",
        "currency": "USD",
        "credits": "[]",
        "invoice.month": "202607",
        "cost_type": "regular",
        "resource.name": "r",
    },
    cost="cost",
    day="usage_start_time",
    id="resource.name",
    tags="labels",
    texts=("billing_account_id", "cost_type", "project.name", "service.description", "sku.description"),
    kind="lines",
    nested=("labels", "credits"),
)
GCP = replace(GCP_LINES, name="gcp", kind="csv")
OCI = Sample(
    "oci",
    "Oracle Cloud cost report",
    {
        "lineItem/referenceNo": "n",
        "lineItem/tenantId": "ocid1.tenancy.oc1..t",
        "lineItem/intervalUsageStart": "2026-07-01T00:00Z",
        "lineItem/intervalUsageEnd": "2026-07-01T01:00:00Z",
        "product/service": "BLOCK_STORAGE",
        "product/Description": "Block volume",
        "product/compartmentName": "web",
        "product/resourceId": "r",
        "usage/billedQuantity": "1",
        "cost/subscriptionId": "s1",
        "cost/myCost": "1",
        "cost/currencyCode": "USD",
        "lineItem/isCorrection": "false",
        "tags/note": "",
    },
    cost="cost/myCost",
    day="lineItem/intervalUsageStart",
    id="lineItem/referenceNo",
    tags="tags/note",
    texts=("cost/subscriptionId", "product/Description", "product/compartmentName", "product/service"),
)
OPENCOST = Sample(
    "opencost",
    "OpenCost allocation",
    {
        "name": "p",
        "properties.cluster": "one",
        "properties.namespace": "web",
        "properties.node": "n1",
        "properties.labels": "{}",
        "window.start": "2026-07-01T00:00:00Z",
        "window.end": "2026-07-02T00:00:00Z",
        "start": "2026-07-01T00:00:00Z",
        "end": "2026-07-02T00:00:00Z",
        "cpuCost": "1",
        "ramCost": "0",
        "totalCost": "1",
    },
    cost="totalCost",
    day="start",
    id="name",
    tags="properties.labels",
    texts=("name", "properties.cluster", "properties.namespace", "properties.node"),
    kind="document",
    nested=("properties.labels",),
)
MODEL = {
    "metric": {"name": "cpu_core_usage_per_hour"},
    "tiered_rates": [{"unit": "USD", "value": 1}],
}
OPENSHIFT = Sample(
    "openshift",
    "OpenShift usage report",
    {
        "cluster_id": "one",
        "interval_start": "2026-07-01 00:00:00 +0000 UTC",
        "interval_end": "2026-07-01 00:59:59 +0000 UTC",
        "node": "n1",
        "namespace": "web",
        "pod": "p",
        "pod_usage_cpu_core_seconds": "3600",
        "pod_usage_memory_byte_seconds": "0",
        "pod_labels": "",
        "node_role": "worker",
    },
    cost="pod_usage_cpu_core_seconds",
    day="interval_start",
    id="pod",
    tags="pod_labels",
    texts=("cluster_id", "namespace", "node", "node_role", "pod"),
    unit=3600,
    rates=json.dumps({"rates": [MODEL]}),
)
INVENTORY = Sample(
    "inventory",
    "machine inventory",
    {
        "MachineId": "m",
        "Name": "db",
        "Kind": "server",
        "AcquisitionCost": "1",
        "AcquisitionDate": "2026-07-01",
        "LifeMonths": "1",
        "Currency": "USD",
        "Site": "Berlin",
        "Tags": "",
        "Owner": "web",
    },
    cost="AcquisitionCost",
    day="AcquisitionDate",
    id="MachineId",
    tags="Tags",
    texts=("Kind", "MachineId", "Name", "Owner", "Site"),
    rates="Rate,Amount,Currency,ValidFrom,ValidUntil\nstaff_hour,1,USD,2026-07,2026-08\n",
)
SAMPLES = (FOCUS, AWS_CUR, AZURE, GCP, GCP_LINES, OCI, OPENCOST, OPENSHIFT, INVENTORY)


def take(lake: Lake, sample: Sample, path: Path, *, progress: Progress | None = None) -> Conformance:
    """Take one file or folder in, with the prices that its format needs."""
    rates = lake.root.with_name("rates") if sample.rates else None
    if rates:
        rates.write_text(sample.rates)
    people = People.open(lake.root, {})
    return ingest([path], lake=lake, people=people, now=NOW, rates=rates, progress=progress)


def charges(lake: Lake) -> list[dict[str, Any]]:
    """Read all current rows, of charges and of what explains them."""
    return [row for path in lake.files(CHARGES) for row in pq.read_table(path, partitioning=None).to_pylist()]

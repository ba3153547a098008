"""Files of usage: three kinds told by their columns, and rows that cannot be read left out and counted."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from finops_lib.errors import UsageError
from finops_lib.run.demo import sample_folder
from finops_lib.usage.files import read_table
from tests.usage.samples import rows, table, told

CLOUDWATCH = """Namespace,MetricName,InstanceId,Timestamp,Average,Maximum,Sum,Unit
AWS/EC2,CPUUtilization,i-1,2026-07-01T00:00:00Z,25,90,300,Percent
AWS/EC2,CPUUtilization,i-1,2026-07-01T00:05:00+00:00,5e1,95,,Percent
AWS/EC2,NetworkIn,i-1,2026-07-01 00:00:00,10,20,30,Kilobytes
CWAgent,mem_used_percent,i-2,2026-07-01T02:00:00+02:00,40,60,,Percent
AWS/EC2,StatusCheckFailed,i-1,2026-07-01T00:00:00Z,0,0,0,None
AWS/EC2,CPUUtilization,i-1,yesterday,1,1,1,Percent
AWS/EC2,CPUUtilization,,2026-07-01T00:10:00Z,1,1,1,Percent
AWS/EC2,CPUUtilization,i-1,2026-07-01T00:15:00Z,a lot,,,Percent
"""
VM = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v"
AZURE = f"""TimeGenerated [UTC];ResourceId;MetricName;UnitName;Average;Maximum;Total;TimeGrain
7/1/2026 0:05;{VM};Percentage CPU;Percent;12,5;80,0;;PT5M
2026-07-01T00:00:00Z;{VM};Disk Read Bytes;BytesPerSecond;1024;;2048;PT5M
"""


def written(folder: Path, text: str, name: str = "f.csv") -> Path:
    """Write a file."""
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_cloudwatch_takes_the_statistic_that_the_metric_is_joined_by(tmp_path: Path) -> None:
    """CPU by its mean, memory by its highest; kilobytes are thousands; what is odd is counted."""
    found = read_table(written(tmp_path, CLOUDWATCH))
    assert found.kind == "CloudWatch"
    assert told(found.table) == [
        ("i-1", "cpu_share", 0, 0.25, "ratio"),
        ("i-1", "cpu_share", 5, 0.5, "ratio"),
        ("i-2", "memory_share", 0, 0.6, "ratio"),
        ("i-1", "network_in", 0, 10_000.0, "bytes"),
    ]
    assert found.notes == (
        "1 rows left out: no moment",
        "1 rows left out: no number",
        "1 rows left out: no resource",
        "1 rows left out: no unit",
    )


def test_azure_monitor_between_semicolons_with_decimal_commas(tmp_path: Path) -> None:
    """12,5 % is an eighth; a moment as the portal writes it is UTC."""
    found = read_table(written(tmp_path, AZURE))
    assert (found.kind, found.notes) == ("Azure Monitor", ())
    assert told(found.table) == [
        (VM, "cpu_share", 5, 0.125, "ratio"),
        (VM, "disk_read_bytes", 0, 1024.0, "bytes/s"),
    ]


@pytest.mark.parametrize(
    ("written_as", "resource"),
    [
        ("InstanceId=i-1", "i-1"),
        ("InstanceId=i-1;ImageId=ami-2", "i-1"),
        ('"Name=InstanceId,Value=i-1"', "i-1"),
        ('"[{""Name"": ""InstanceId"", ""Value"": ""i-1""}]"', "i-1"),
        ('"{""InstanceId"": ""i-1"", ""ImageId"": ""x""}"', "i-1"),
        ("arn:aws:rds:eu-west-1:1:db:d", "arn:aws:rds:eu-west-1:1:db:d"),
        ("app/lb/50dc=", "app/lb/50dc="),
    ],
)
def test_a_list_of_dimensions_is_the_id_of_its_first(tmp_path: Path, written_as: str, resource: str) -> None:
    """However it is written; an id alone stays as it is."""
    text = (
        f"MetricName,Dimensions,Timestamp,Average,Unit\nCPUUtilization,{written_as},2026-07-01,50,Percent\n"
    )
    assert told(read_table(written(tmp_path, text)).table) == [(resource, "cpu_share", 0, 0.5, "ratio")]


def test_the_long_table_comes_as_csv_and_as_parquet(tmp_path: Path) -> None:
    """Packed or not, in any case of letters, with the same result; names are kept as they are."""
    lines = [("A/b", "cpu", 0, 0.5, "cores"), ("A/b", "My Metric", 5, 2.0, "MiB")]
    text = "Resource,METRIC,time,value,unit\n"
    text += "A/b,My Metric,2026-07-01T00:05Z,2,MiB\nA/b,cpu,2026-07-01,0.5,cores\n"
    plain = written(tmp_path, text)
    packed, parquet = tmp_path / "g", tmp_path / "p"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    pq.write_table(rows(*lines), parquet)
    for path in (plain, packed, parquet):
        found = read_table(path)
        assert (found.kind, found.table.equals(table(*lines))) == ("usage table", True)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "with the columns 'a', 'b': its columns are those of one of usage table, CloudWatch"),
        ("", "it is empty"),
        ("resource,metric,time,value,unit\na,cpu,2026-07-01,1,parsecs\n", "unit 'parsecs'"),
        ("resource,metric,time,value,unit\na,cpu,2026-07-01,1,GiB\n", "here it is kept in cores"),
        ("resource,metric,time,value,unit\na,x,2026-07-01,1,GiB\nb,x,2026-07-01,1,%\n", "'%' and 'GiB'"),
        (
            "resource,metric,time,value,unit\na,cpu,2026-07-01,1,cores\na,cpu,2026-07-01,2,cores\n",
            ": 1 and 2",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """Unknown columns, nothing, units that are not known, not the metric's or mixed, and contradictions."""
    with pytest.raises(UsageError) as found:
        read_table(written(tmp_path, text))
    assert message in str(found.value)


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    """Its first letters alone do not make one."""
    (tmp_path / "p").write_bytes(b"PAR1" + b"\0" * 100)
    with pytest.raises(UsageError):
        read_table(tmp_path / "p")


def test_hostile_cells_stay_text(tmp_path: Path) -> None:
    """Formulas, mark-up and line breaks in a resource are its name; numbers that are none are left out."""
    cells = ('"=1+1\n<b>",cpu,2026-07-01,1', "b,cpu,2026-07-01,1e999999", "b,cpu,2026-07-01,0x10")
    text = "resource,metric,time,value,unit\n" + "".join(f"{cell},cores\n" for cell in cells)
    found = read_table(written(tmp_path, text))
    assert told(found.table) == [("=1+1\n<b>", "cpu", 0, 1.0, "cores")]
    assert found.notes == ("2 rows left out: no number",)


def test_the_sample_company_has_usage_in_units_of_its_own() -> None:
    """Its GiB and MiB a second become bytes."""
    found = read_table(sample_folder() / "usage" / "usage.parquet").table
    raw = pq.read_table(sample_folder() / "usage" / "usage.parquet")
    assert found.num_rows == raw.num_rows
    units = {
        (row["metric"], row["unit"]) for row in found.group_by(["metric", "unit"]).aggregate([]).to_pylist()
    }
    assert {("memory", "bytes"), ("network", "bytes/s"), ("gpu", "GPUs"), ("cpu", "cores")} <= units

"""What an instance type costs and how large it is, by a file or by the shipped selection."""

from __future__ import annotations

import gzip
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops_lib.billing.prices import COLUMNS, Instance, catalogue, fitting, instance, normal_key
from finops_lib.errors import QueryError, SettingsError

HEADER = ",".join(COLUMNS)
MARKET = f"""{HEADER}
aws,us-east-1,small,2,4,0,amd64,0.10,0.03
aws,us-east-1,arm,2,4,0,arm64,0.08,
aws,us-east-1,large,4,16,0,amd64,0.20,
aws,us-east-1,gpu,4,16,1,amd64,0.15,
aws,us-east-1,bare,,,,,0.01,
aws,us-east-1,free,8,32,0,amd64,0.0,
aws,eu-west-1,small,2,4,0,amd64,0.11,
"""


def write(folder: Path, text: str, name: str = "prices.csv") -> Path:
    """Make a catalogue."""
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return path


def test_the_shipped_selection_is_whole() -> None:
    """Its types all have a size and a price above zero, and each provider has both its sizes of region."""
    found = catalogue()
    assert 60 <= len(found) <= 120
    assert not found["zero_price"].any()
    assert (
        found[["vcpu", "memory_gib", "gpu", "architecture", "usd_per_hour_on_demand"]].notna().all(axis=None)
    )
    assert Counter(found["provider"]) == {"aws": 41, "azure": 36, "gcp": 34}


def test_the_header_may_stand_in_any_order_and_case(tmp_path: Path) -> None:
    """Blanks are underscores; a column that is not needed may be missing, one not known is passed over."""
    text = "\ufeffUSD per hour on demand,Instance_Type,REGION,Provider,note\n0.5,x1,Here,Me,hello\n"
    found = instance(catalogue(write(tmp_path, text)), provider="me", region="here", instance_type="X1")
    assert found == Instance("Me", "Here", "x1", None, None, None, None, Decimal("0.5"), None)


def test_a_gzipped_file_is_the_same(tmp_path: Path) -> None:
    """It is told by its content."""
    plain, packed = write(tmp_path, MARKET), write(tmp_path, MARKET, "prices.gz")
    assert catalogue(packed).equals(catalogue(plain))


def test_a_price_of_zero_is_unknown_and_counted(tmp_path: Path) -> None:
    """Nothing is free: of seven rows one says zero."""
    found = catalogue(write(tmp_path, MARKET))
    assert found["zero_price"].sum() == 1
    free = instance(found, provider="aws", region="us-east-1", instance_type="free")
    assert (free.usd_per_hour_on_demand, free.vcpu) == (None, Decimal(8))


@pytest.mark.parametrize(
    ("vcpu", "memory", "architecture", "gpu", "expected"),
    [
        (2, 4, None, 0, ["arm", "small", "gpu", "large"]),
        (2, 4, "amd64", 0, ["small", "gpu", "large"]),
        (2, 5, "amd64", 0, ["gpu", "large"]),
        (1, 1, None, 1, ["gpu"]),
        (5, 1, None, 0, []),  # only the type without a price is that large
    ],
)
def test_what_fits_comes_by_price(
    tmp_path: Path, vcpu: int, memory: int, architecture: str | None, gpu: int, expected: list[str]
) -> None:
    """Types of unknown size or price are left out, and so are other regions."""
    found = fitting(
        catalogue(write(tmp_path, MARKET)),
        provider="AWS",
        region="us-east-1",
        vcpu=Decimal(vcpu),
        memory_gib=Decimal(memory),
        architecture=architecture,
        gpu=gpu,
    )
    assert list(found["instance_type"]) == expected


def test_rows_that_agree_count_once(tmp_path: Path) -> None:
    """Another spelling of the same type with the same numbers is no second type."""
    text = MARKET + "AWS,US-EAST-1,Small,2.0,4.0,0,AMD64,0.100,0.03\n"
    assert len(catalogue(write(tmp_path, text))) == 7


def test_a_type_that_is_not_there_is_said() -> None:
    """The message names the type as it was asked for."""
    with pytest.raises(QueryError) as told:
        instance(catalogue(), provider="aws", region="us-east-1", instance_type="x9.huge")
    assert str(told.value) == (
        "'x9.huge' of 'aws' in 'us-east-1': the catalogue has no price for it. "
        "Remedy: name a price file that has it."
    )


NUMBER = "it is a number from zero to a thousand million, or empty where unknown. Remedy: correct the cell."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "0 columns 'provider': it has this column once. Remedy: a catalogue needs provider, region, "
         "instance_type, usd_per_hour_on_demand; correct its header."),
        (f"{HEADER}\n", "it has no instance type. Remedy: name a file that has rows."),
        (f"{HEADER},GPU\n", "2 columns 'gpu': it has this column once. Remedy: a catalogue needs "
         "provider, region, instance_type, usd_per_hour_on_demand; correct its header."),
        (f"{HEADER}\naws,r,t,2,4,0,amd64,-1,\n", f"row 1: usd_per_hour_on_demand '-1': {NUMBER}"),
        (f"{HEADER}\n\naws,r,t,2,NaN,0,amd64,1,\n", f"row 1: memory_gib 'NaN': {NUMBER}"),
        (f"{HEADER}\naws,r,t,1_0,4,0,amd64,1,\n", f"row 1: vcpu '1_0': {NUMBER}"),
        (f"{HEADER}\naws,,t,2,4,0,amd64,1,\n", "row 1: region is empty: a row names a provider, a region "
         "and an instance type. Remedy: fill it in, or take the row out."),
        (f"{HEADER}\naws,r,t,2\n", "row 1: it has 4 cells, the header 9. Remedy: correct the row."),
        (MARKET + "aws,us-east-1,Small,2,4,0,amd64,0.12,0.03\n", "rows 1 and 8: 'Small' in 'us-east-1': "
         "two rows say different things of one instance type. Remedy: keep one of them."),
        (f'{HEADER}\n"aws,r\n', "unexpected end of data: a catalogue is CSV. Remedy: save it again as CSV."),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """The file, the row and the cell are named."""
    with pytest.raises(SettingsError) as told:
        catalogue(write(tmp_path, text))
    assert str(told.value).removeprefix("catalogue prices.csv").lstrip(":, ") == message


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\x00", b"\x1f\x8bnot gzip", gzip.compress(b"provider" * 99, mtime=0)[:30]]
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    """Another encoding and broken gzip are said, and so is a file that is not there."""
    path = tmp_path / "bad"
    path.write_bytes(data)
    for wrong in (path, tmp_path / "nowhere"):
        with pytest.raises(SettingsError, match="it cannot be read"):
            catalogue(wrong)


@given(st.text(), st.text(), st.text())
def test_a_normal_form_is_its_own(provider: str, region: str, kind: str) -> None:
    """Names that are in normal form already stay, whatever they hold, but for a second Standard."""
    once = normal_key(provider, region, kind)
    again = normal_key(*once)
    assert again[:2] == once[:2]
    assert again[2] == once[2].removeprefix("standard_")

"""Declare the company's AWS resources in Terraform, in as many ways as people have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from finops_lib.estate import calendar, terraform_frame
from finops_lib.estate.catalogue import FRANKFURT
from finops_lib.estate.company import Company, Slot
from finops_lib.estate.hcl import declared_tags, ids, label, missing_tags, quoted
from finops_lib.estate.machines import LADDERS, Size, bought
from finops_lib.estate.pages import Book, Page, some

_SIZED = ("m6i.xlarge", "r6i.4xlarge", "c6i.2xlarge", "t3.large", "r6g.large", "m6g.2xlarge", "cache")
_BUCKETS = ("s3-storage", "s3-requests")
_MODULE, _VARIABLE, _ODD = 1, 3, 4


@dataclass(frozen=True)
class RepositoryWorld:
    """What is planted in the repository: shares of the candidates in thousandths.

    ``unencrypted`` of the buckets, ``exposed`` of databases and administration ports, ``drifted`` of the
    machines, whose declared size is not the one billed; where a share is above 0 at least one is hit.
    """

    seed: int = 1
    unencrypted: int = 180
    exposed: int = 120
    drifted: int = 80


@dataclass
class Plan:
    """Which places get which fault, drawn before anything is written."""

    who: Company
    rng: np.random.Generator
    unencrypted: set[int] = field(default_factory=set)
    exposed: set[int] = field(default_factory=set)
    open_ports: set[str] = field(default_factory=set)
    drifted: set[int] = field(default_factory=set)


def write_terraform(book: Book, who: Company, world: RepositoryWorld) -> None:
    """Declare the machines, databases, buckets, volumes and clusters of each account.

    Parameters
    ----------
    book : Book
        Gets the pages, the places and what is planted.
    who : Company
        The company whose bill it is.
    world : RepositoryWorld
        What is planted.
    """
    slots = [slot for slot in who.slots if slot.last_day > calendar.day_number(calendar.UNTIL.date())]
    plan = _plan(who, world, slots)
    terraform_frame.write_modules(book)
    for owner in who.accounts:
        own = [slot for slot in slots if slot.account == owner and slot.product.key in _WRITERS]
        if own:
            folder = f"terraform/accounts/{owner.key}"
            regions = sorted({slot.region for slot in own} | {FRANKFURT}, key=lambda region: region.id)
            open_port = owner.key in plan.open_ports
            terraform_frame.write_account(book, folder, owner, regions=regions, open_port=open_port)
        for slot in own:
            _WRITERS[slot.product.key](book, plan, slot)


def _plan(who: Company, world: RepositoryWorld, slots: list[Slot]) -> Plan:
    rng = np.random.default_rng([who.seed, world.seed, 5])

    def hit(keys: tuple[str, ...], permille: int) -> set[int]:
        return {slot.number for slot in some(rng, [s for s in slots if s.product.key in keys], permille)}

    accounts = [
        owner.key
        for owner in who.accounts
        if any(s.account == owner and s.product.key in _SIZED for s in slots)
    ]
    return Plan(
        who, rng, hit(_BUCKETS, world.unencrypted), hit(("r6g.large", "m6g.2xlarge"), world.exposed),
        set(some(rng, accounts, world.exposed)), hit(_SIZED, world.drifted),
    )  # fmt: skip


def _tags(slot: Slot, indent: str = "  ") -> str:
    if not declared_tags(slot):
        return f"{indent}# no tags yet"
    rows = "\n".join(
        f"{indent}  {quoted(key)} = {quoted(value)}" for key, value in declared_tags(slot).items()
    )
    return f"{indent}tags = {{§tags\n{rows}\n{indent}}}"


def _head(slot: Slot) -> str:
    other = slot.region != FRANKFURT
    return f"\n  provider = aws.{slot.region.id.replace('-', '_')}" if other else ""


def _size(plan: Plan, slot: Slot) -> tuple[str, str]:
    """The size declared and the size billed; they differ where somebody clicked."""
    sizes: tuple[Size, ...] = LADDERS[slot.product.key]
    names = [size.name for size in sizes]
    real = slot.product.instance
    others = [name for name in names if name != real]
    return (others[slot.number % len(others)] if slot.number in plan.drifted else real), real


def _close(book: Book, plan: Plan, slot: Slot, page: Page, marks: dict[str, int], address: str) -> None:
    found = ids(plan.who, slot)
    book.place(found, page, marks, address=address)
    missing = missing_tags(slot.tags)
    if missing:
        line = marks.get("tags", marks["block"])
        book.plant("missing_tags", page, line, resource=found[-1], address=address, missing=missing)


def _drift(book: Book, page: Page, line: int, slot: Slot, plan: Plan, attribute: str) -> None:
    declared, real = _size(plan, slot)
    if declared != real:
        found = ids(plan.who, slot)[-1]
        book.plant("drift", page, line, resource=found, attribute=attribute, declared=declared, billed=real)


def _instance(book: Book, plan: Plan, slot: Slot) -> None:
    name, (declared, _) = label(slot), _size(plan, slot)
    folder = f"terraform/accounts/{slot.account.key}"
    page = book.page(f"{folder}/main.tf")
    way = int(plan.rng.integers(0, 5))
    by_module = way == _MODULE
    text = _by_module(slot, declared) if by_module else _plainly(slot, declared, way=way)
    marks = page.add(text)
    at = (page, marks["instance_type"])
    if way == _VARIABLE:
        values = book.page(f"{folder}/sizes.auto.tfvars")
        values.lines = values.lines[:-1] or ["instance_types = {"]
        at = (values, values.add(f'  {name} = "{declared}"§size\n}}')["size"])
        marks["tfvars"] = at[1]
    _close(book, plan, slot, page, marks, f"module.{name}" if by_module else f"aws_instance.{name}")
    _drift(book, *at, slot, plan, "instance_type")


def _by_module(slot: Slot, declared: str) -> str:
    alias = _head(slot).rpartition(" = ")[2]
    providers = f"\n  providers     = {{ aws = {alias} }}" if alias else ""
    return f"""
module "{label(slot)}" {{§block
  source        = "../../modules/service"{providers}
  name          = "{label(slot)}"
  instance_type = "{declared}"§instance_type
{_tags(slot)}
}}"""


def _plainly(slot: Slot, declared: str, *, way: int) -> str:
    name, before, equals, after = label(slot), "", " = ", ""
    if way == _ODD:
        before = f'/* {name}: ask before you resize,\n   instance_type = "m4.large" is history */\n'
        equals, after = "=", "   # was t2.micro { too small"
    spelt = f'var.instance_types["{name}"]' if way == _VARIABLE else f'"{declared}"'
    return f"""
{before}resource "aws_instance" "{name}" {{§block{_head(slot)}
  ami           = data.aws_ami.base.id
  instance_type{equals}{spelt}{after}§instance_type

{_tags(slot)}
}}"""


def _group(book: Book, plan: Plan, slot: Slot) -> None:
    name, (declared, _) = label(slot), _size(plan, slot)
    page = book.page(f"terraform/accounts/{slot.account.key}/groups.tf")
    marks = page.add(f"""
resource "aws_launch_template" "{name}" {{§block{_head(slot)}
  name_prefix   = "{name}-"
  image_id      = data.aws_ami.base.id
  instance_type = "{declared}"§instance_type

  tag_specifications {{
    resource_type = "instance"
{_tags(slot, "    ")}
  }}
}}

resource "aws_autoscaling_group" "{name}" {{{_head(slot)}
  min_size            = 1§min_size
  max_size            = {max(4, slot.percent // 10)}§max_size
  vpc_zone_identifier = var.subnets

  launch_template {{
    id      = aws_launch_template.{name}.id
    version = "$Latest"
  }}
}}""")
    _close(book, plan, slot, page, marks, f"aws_launch_template.{name}")
    _drift(book, page, marks["instance_type"], slot, plan, "instance_type")


def _database(book: Book, plan: Plan, slot: Slot) -> None:
    name, (declared, _) = label(slot), _size(plan, slot)
    page = book.page(f"terraform/accounts/{slot.account.key}/databases.tf")
    public = slot.number in plan.exposed
    marks = page.add(f"""
resource "aws_db_instance" "{name}" {{§block{_head(slot)}
  identifier          = "{_last(plan, slot)}"
  engine              = "postgres"
  instance_class      = "{declared}"§instance_class
  allocated_storage   = 200
  storage_encrypted   = true
  # publicly_accessible = true   (only while the migration ran)
  publicly_accessible = {str(public).lower()}§public
{_tags(slot)}
}}""")
    address = f"aws_db_instance.{name}"
    _close(book, plan, slot, page, marks, address)
    _drift(book, page, marks["instance_class"], slot, plan, "instance_class")
    if public:
        found = ids(plan.who, slot)[-1]
        book.plant("public_database", page, marks["public"], resource=found, address=address)


def _cache(book: Book, plan: Plan, slot: Slot) -> None:
    name, (declared, _) = label(slot), _size(plan, slot)
    page = book.page(f"terraform/accounts/{slot.account.key}/databases.tf")
    marks = page.add(f"""
resource "aws_elasticache_cluster" "{name}" {{§block{_head(slot)}
  cluster_id      = "c{_last(plan, slot)}"
  engine          = "redis"
  node_type       = "{declared}"§node_type
  num_cache_nodes = 1
{_tags(slot)}
}}""")
    _close(book, plan, slot, page, marks, f"aws_elasticache_cluster.{name}")
    _drift(book, page, marks["node_type"], slot, plan, "node_type")


def _volume(book: Book, plan: Plan, slot: Slot) -> None:
    name, gib = label(slot), bought(slot)[0][-1].store_mib // 1024
    page = book.page(f"terraform/accounts/{slot.account.key}/storage.tf")
    marks = page.add(f"""
resource "aws_ebs_volume" "{name}" {{§block{_head(slot)}
  availability_zone = "{slot.region.id}a"
  type              = "gp3"
  size              = {gib}§size
  encrypted         = true
{_tags(slot)}
}}""")
    _close(book, plan, slot, page, marks, f"aws_ebs_volume.{name}")


def _bucket(book: Book, plan: Plan, slot: Slot) -> None:
    name, open_ = label(slot), slot.number in plan.unencrypted
    page = book.page(f"terraform/accounts/{slot.account.key}/storage.tf")
    way = int(plan.rng.integers(0, 3))
    address = f"module.{name}" if way == 0 else f"aws_s3_bucket.{name}"
    marks = page.add(terraform_frame.bucket(
        name, _last(plan, slot), way=way, head=_head(slot), tags=_tags(slot), encrypted=not open_,
    ))  # fmt: skip
    _close(book, plan, slot, page, marks, address)
    if open_:
        found = ids(plan.who, slot)[-1]
        line = marks.get("encrypted", marks["block"])
        book.plant("unencrypted_bucket", page, line, resource=found, address=address)


def _cluster(book: Book, plan: Plan, slot: Slot) -> None:
    name = label(slot)
    page = book.page(f"terraform/accounts/{slot.account.key}/clusters.tf")
    marks = page.add(f"""
resource "aws_eks_cluster" "{name}" {{§block{_head(slot)}
  name     = "{_last(plan, slot)}"
  role_arn = var.cluster_role_arn

  vpc_config {{
    subnet_ids = var.subnets
  }}
{_tags(slot)}
}}""")
    _close(book, plan, slot, page, marks, f"aws_eks_cluster.{name}")


def _last(plan: Plan, slot: Slot) -> str:
    """Last part of the id as billed: the name the provider knows."""
    return re.split(r"[:/]", ids(plan.who, slot)[-1])[-1]


_WRITERS: Mapping[str, Callable[[Book, Plan, Slot], Any]] = MappingProxyType({
    "m6i.xlarge": _instance, "r6i.4xlarge": _instance, "t3.large": _instance, "c6i.2xlarge": _group,
    "r6g.large": _database, "m6g.2xlarge": _database, "cache": _cache, "ebs": _volume,
    "s3-storage": _bucket, "s3-requests": _bucket, "eks": _cluster,
})  # fmt: skip

"""Who is the sample company: accounts, teams, people, resources with their tags, commitments.

Lantern Freight does not exist, nor do its people; addresses end in ``.example``, which nobody can own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import numpy as np

from finops_lib.estate import catalogue, tagging
from finops_lib.estate.calendar import LAST_MONTH, day_number
from finops_lib.estate.catalogue import PRODUCTS, Product, Region
from finops_lib.estate.story import EVENTS, NEW_REGION

NAME = "Lantern Freight"
HOURS_OF_YEAR = 8760


@dataclass(frozen=True)
class Account:
    """A linked account: twelve digits, a short key used by the story, a name, an environment and a team."""

    id: str
    key: str
    name: str
    environment: str
    team: str


@dataclass(frozen=True)
class Slot:
    """A place for one resource through all months.

    ``percent`` scales the product's volume, ``noise`` and ``growth`` are ten-thousandths (of use; a year),
    ``first_day`` and ``last_day`` are days since 1970, the last one excluded.
    """

    number: int
    account: Account
    product: Product
    region: Region
    tags: Mapping[str, str] = field(hash=False)
    percent: int
    noise: int
    growth: int
    first_day: int
    last_day: int

    def resource_id(self, seed: int, month: int) -> str:
        """Which resource fills the place in this month: autoscaled ones are new each month.

        Parameters
        ----------
        seed : int
            The company's seed.
        month : int
            Number of the month.

        Returns
        -------
        str
            An ARN.
        """
        generation = month if self.product.renewed else 0
        digest = hashlib.sha256(f"{seed}/{self.number}/{generation}".encode()).hexdigest()[:17]
        service = self.product.service.code.removeprefix("Amazon").removeprefix("AWS").lower()
        return f"arn:aws:{service}:{self.region.id}:{self.account.id}:{self.product.resource}{digest}"


@dataclass(frozen=True)
class Commitment:
    """A savings plan or a reservation for one year.

    ``hourly`` is what each hour may use: 1e-10 dollars of a plan, ten-thousandths of an instance of a
    reservation. ``upfront_micro`` and ``recurring_micro`` are micro-dollars for an hour of one instance.
    """

    kind: str
    id: str
    name: str
    account: Account
    product: Product | None
    region: Region
    start: datetime
    end: datetime
    hourly: int
    upfront_micro: int = 0
    recurring_micro: int = 0

    @property
    def covers(self) -> str:
        """``plan`` or ``reservation``: which rule of coverage holds."""
        return "plan" if self.product is None else "reservation"


@dataclass(frozen=True)
class Company:
    """The whole company at one seed and size."""

    seed: int
    payer: Account
    accounts: tuple[Account, ...]
    slots: tuple[Slot, ...]
    plan: Commitment
    reservation: Commitment

    @property
    def tag_keys(self) -> tuple[str, ...]:
        """Every tag key as somebody wrote it, sorted."""
        return tuple(sorted({key for slot in self.slots for key in slot.tags}))


PAYER = Account("210000000017", "payer", "lantern-payer", "shared", "platform")
ACCOUNTS = (
    PAYER,
    Account("310000000024", "prod-core", "lantern-prod-core", "prod", "platform"),
    Account("310000000031", "prod-web", "lantern-prod-web", "prod", "checkout"),
    Account("310000000048", "prod-data", "lantern-prod-data", "prod", "data"),
    Account("310000000055", "staging", "lantern-staging", "staging", "platform"),
    Account("310000000062", "dev", "lantern-dev", "dev", "tracking"),
    Account("012000000079", "sandbox", "lantern-sandbox", "sandbox", "mobile"),
    Account("310000000086", "security", "lantern-security", "prod", "security"),
    Account("310000000093", "ml", "lantern-ml", "prod", "ml"),
)
# Account key and product key of the resources that every company has, however small.
_CORE = (
    "prod-core m6i.xlarge", "prod-core c6i.2xlarge", "prod-core r6g.large", "prod-core m6g.2xlarge",
    "prod-core dynamodb", "prod-core eks", "prod-web c6i.2xlarge", "prod-web lambda", "prod-web cloudfront",
    "prod-web sqs", "prod-data r6g.large", "prod-data s3-storage", "prod-data nat", "prod-data logs",
    "staging m6i.xlarge", "dev t3.large", "ml bedrock", "prod-web transfer",
)  # fmt: skip
_ACCOUNT_WEIGHTS = (("prod-core", 26), ("prod-web", 22), ("prod-data", 18), ("staging", 9), ("dev", 10),
                    ("sandbox", 4), ("security", 4), ("ml", 7))  # fmt: skip
_REGIONS = ((450, catalogue.FRANKFURT), (900, catalogue.VIRGINIA), (1000, catalogue.IRELAND))
_BIRTH = day_number(date(2020, 1, 1))
_FOREVER = day_number(date(2040, 1, 1))
_FIRST_DAY = day_number(date(2025, 8, 1))
_DAYS = day_number(LAST_MONTH.end.date()) - _FIRST_DAY


def account(key: str) -> Account:
    """Which account does the story mean by this key.

    Parameters
    ----------
    key : str
        For example ``prod-web``.

    Returns
    -------
    Account

    Raises
    ------
    ValueError
        No account has it.

    Examples
    --------
    >>> account("prod-web").id
    '310000000031'
    """
    for item in ACCOUNTS:
        if item.key == key:
            return item
    raise ValueError(f"account {key!r}: known are {', '.join(item.key for item in ACCOUNTS)}")


def company(seed: int, *, slots: int, part: int = 0) -> Company:
    """Which company has this seed and so many resources at a time.

    Parameters
    ----------
    seed : int
        The one source of chance.
    slots : int
        Places for resources, a count; never fewer than the story needs.
    part : int
        Companies that differ only in ``part`` have the same accounts and other resources.

    Returns
    -------
    Company

    Examples
    --------
    >>> small = company(7, slots=1)
    >>> len(small.slots), small == company(7, slots=1), small == company(8, slots=1)
    (19, True, False)
    """
    rng = np.random.default_rng([seed, part])
    drawn = sorted(_slots(rng, slots), key=_covered_first)
    base = part * 1_000_000
    numbered = tuple(replace(slot, number=base + number) for number, slot in enumerate(drawn))
    return Company(seed, PAYER, ACCOUNTS, numbered, _plan(numbered), _reservation(numbered))


def _slots(rng: np.random.Generator, count: int) -> Iterator[Slot]:
    for words in _CORE:
        owner, key = words.split()
        core = _slot(rng, account(owner), catalogue.product(key))
        yield replace(core, region=catalogue.FRANKFURT, first_day=_BIRTH, last_day=_FOREVER)
    for event in EVENTS:
        if event.kind == NEW_REGION:
            new = _slot(rng, account(event.account), catalogue.product(event.product))
            start = day_number(event.start)
            yield replace(new, region=catalogue.SYDNEY, first_day=start, last_day=_FOREVER)
    owners = [account(key) for key, weight in _ACCOUNT_WEIGHTS for _ in range(weight)]
    products = [item for item in PRODUCTS for _ in range(item.frequency)]
    for _ in range(count - len(_CORE) - 1):
        owner_index, product_index = rng.integers(len(owners)), rng.integers(len(products))
        yield _slot(rng, owners[owner_index], products[product_index])


def _slot(rng: np.random.Generator, owner: Account, item: Product) -> Slot:
    roll = [int(number) for number in rng.integers(0, 1000, size=6)]
    # A product of three rolls gives few large resources and many small ones.
    size = 40 + (roll[0] + 200) * (roll[1] + 200) * (roll[2] + 100) // 1_800_000
    single = item.shape in (catalogue.STEADY, catalogue.OFFICE)
    first, last = _life(roll[3], int(rng.integers(_DAYS)))
    return Slot(
        number=0,
        account=owner,
        product=item,
        region=tagging.chosen(roll[4], _REGIONS),
        tags=tagging.tags(rng, environment=owner.environment, team=owner.team),
        percent=100 if single else size,
        noise=0 if single else 300 + roll[5],
        growth=0 if single else 600 + 4 * roll[5] + (9000 if item.key == "bedrock" else 0),
        first_day=first,
        last_day=last,
    )


def _life(roll: int, day: int) -> tuple[int, int]:
    """Of a thousand resources 150 come and 80 go while we look."""
    first, last = tagging.chosen(roll, ((150, (day, None)), (230, (None, day)), (1000, (None, None))))
    return (
        _BIRTH if first is None else _FIRST_DAY + first,
        _FOREVER if last is None else _FIRST_DAY + last,
    )


def is_reserved(slot: Slot) -> bool:
    """Say whether the reservation can cover this resource: its instance type in its region.

    Parameters
    ----------
    slot : Slot
        The resource's place.

    Returns
    -------
    bool
    """
    return slot.product.key == "r6g.large" and slot.region == catalogue.FRANKFURT


def _covered_first(slot: Slot) -> tuple[int, str]:
    return (0 if slot.product.plan_percent else 1 if is_reserved(slot) else 2, slot.account.id)


def _plan(slots: tuple[Slot, ...]) -> Commitment:
    """Commit to 104 % of what eligible use would cost at plan rates, to the tenth of a cent."""
    hourly = sum(
        catalogue.price_micro(slot.product, slot.region) * slot.product.plan_percent
        * slot.product.volume * slot.percent // 10_000
        for slot in slots if slot.product.plan_percent and slot.first_day <= _FIRST_DAY
    )  # fmt: skip
    committed = hourly * 104 // 100 // 10**7 * 10**7
    return Commitment(
        "Savings Plan", f"arn:aws:savingsplans::{PAYER.id}:savingsplan/5d1f0c7e", "compute-1y-no-upfront",
        PAYER, None, catalogue.VIRGINIA, datetime(2025, 10, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC),
        committed,
    )  # fmt: skip


def _reservation(slots: tuple[Slot, ...]) -> Commitment:
    """Reserve one instance more than ran when it was bought: the reservation is never used up."""
    owner, item, region = account("prod-core"), catalogue.product("r6g.large"), catalogue.FRANKFURT
    bought = datetime(2025, 12, 1, tzinfo=UTC)
    day = day_number(bought.date())
    count = 1 + sum(is_reserved(slot) and slot.first_day <= day < slot.last_day for slot in slots)
    rate = catalogue.price_micro(item, region)
    arn = f"arn:aws:rds:{region.id}:{owner.id}:ri:lantern-r6g-large-2025-12"
    return Commitment(
        "Reserved Instance", arn, "r6g-large-partial", owner,
        item, region, bought, datetime(2026, 12, 1, tzinfo=UTC),
        count * 10_000, rate * 33 // 100, rate * 31 // 100,
    )  # fmt: skip

"""Allocation rules from text: each key of each method, and what is refused with its reason."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from finops_lib.cost.allocation.rule_file import parse
from finops_lib.cost.allocation.rules import NEEDED, RuleFile
from finops_lib.errors import SettingsError

WHOLE = """
version = "2026-07"

[[rule]]
name = "team tag"
method = "direct"
by = "tag:team"
map = { DATA = "data", data = "data" }

[[rule]]
name = "nodes"
method = "cluster"
level = "tag:team"
idle = "own"

[[rule]]
name = "platform"
method = "shapley"
metric = "requests"
from = "platform"
game = "largest"
block = 2.5
to = ["web", "data"]

[[rule]]
name = "network"
method = "fixed"
where = { ServiceName = ["VPC", "DNS"], SubAccountId = "1" }
shares = { web = 0.7, data = 0.3 }
"""


def rules_of(entry: str, *, head: str = 'version = "1"\n') -> RuleFile:
    """Read one rule, named r."""
    return parse(f'{head}[[rule]]\nname = "r"\n{entry}', name="rules.toml")


def test_a_file_is_read_in_order() -> None:
    """Every key lands in its field, and what is not said has its default."""
    found = parse(WHOLE, name="rules.toml")
    team, nodes, platform, network = found.rules
    assert found.version == "2026-07"
    assert (team.by, dict(team.teams)) == ("tag:team", {"DATA": "data", "data": "data"})
    assert (nodes.by, nodes.level, nodes.idle) == ("ResourceId", "tag:team", "own")
    assert (platform.source, platform.game, platform.block) == ("platform", "largest", Decimal("2.5"))
    assert (platform.metric, platform.to) == ("requests", ("web", "data"))
    assert dict(network.where) == {"ServiceName": ("VPC", "DNS"), "SubAccountId": ("1",)}
    assert network.shares == {"web": Decimal("0.7"), "data": Decimal("0.3")}
    assert (network.idle, network.game, network.source) == ("proportional", "peak", "")


def test_the_id_is_that_of_the_content() -> None:
    """Spelling and order of keys do not matter, a share does."""
    first = rules_of('method = "fixed"\nshares = { a = 0.5, b = 0.5 }')
    same = rules_of('shares = { b = 0.50, a = 0.5 }\nmethod = "fixed"')
    other = rules_of('method = "fixed"\nshares = { a = 0.4, b = 0.6 }')
    assert first.id == same.id
    assert first.id != other.id
    assert first.label == f"1 ({first.id})"


def test_a_byte_order_mark_is_no_content() -> None:
    """A file saved on Windows reads as any other."""
    assert parse("\ufeff" + WHOLE, name="rules.toml") == parse(WHOLE, name="rules.toml")


@pytest.mark.parametrize("method", [method for method, needed in NEEDED.items() if needed])
def test_what_a_method_needs_must_be_there(method: str) -> None:
    """The lost key and those allowed are named."""
    with pytest.raises(
        SettingsError,
        match=f"entry 1, {method}: no .*{NEEDED[method][0]}.*has the keys name, method, {NEEDED[method][0]}",
    ):
        rules_of(f'method = "{method}"')


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ('method = "magic"', "method 'magic'"),
        ("method = 1", "method '1'"),
        ('method = "even"\nby = "x"', "'by'"),
        ('method = "direct"\nby = " "', "direct: no by"),
        ('method = "direct"\nby = "x"\nmap = {}', "map"),
        ('method = "direct"\nby = "x"\nmap = { a = 1 }', "a '1'"),
        ('method = "even"\nto = []', "to"),
        ('method = "even"\nto = ["a", "a"]', "none twice"),
        ('method = "even"\nto = ["a", 1]', "to"),
        ('method = "even"\nwhere = "x"', "where"),
        ('method = "even"\nwhere = { A = [] }', "where A"),
        ('method = "fixed"\nshares = { a = 0.5 }', "sum 0.5"),
        ('method = "fixed"\nshares = { a = 1.5, b = -0.5 }', "share of b"),
        ('method = "fixed"\nshares = { a = nan }', "share of a"),
        ('method = "fixed"\nshares = { a = true }', "share of a"),
        ('method = "fixed"\nshares = { a = 0x' + "f" * 5000 + " }", "share of a"),
        ('method = "fixed"\nshares = { a = 1e-99999 }', "share of a"),
        ('method = "fixed"\nshares = 1', "shares"),
        ('method = "shapley"\nmetric = "m"\ngame = "x"', "one of peak, largest"),
        ('method = "shapley"\nmetric = "m"\nblock = -1', "block"),
        ('method = "cluster"\nlevel = "tag:"', "level"),
        ('method = "even"\nvalid_from = "2026-7"', "valid_from: month '2026-7'"),
        ('method = "even"\nvalid_until = 2026-07-01', "valid_until '2026-07-01'"),
        ('method = "even"\nvalid_from = "2026-07"\nvalid_until = "2026-07"', "from 2026-07 until 2026-07"),
        ('method = "cluster"\nidle = "x"', "one of proportional, even, own"),
    ],
)
def test_a_rule_that_is_none_is_refused(entry: str, said: str) -> None:
    """With the entry, the value and the rule that it breaks."""
    with pytest.raises(SettingsError, match=r"allocation rules rules\.toml, entry 1") as caught:
        rules_of(entry)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        'version = "1"',
        'version = "1"\nrule = []',
        'version = ""\n[[rule]]\nname = "r"\nmethod = "even"',
        'version = 1\n[[rule]]\nname = "r"\nmethod = "even"',
        'version = "1"\nrule = 1',
        'version = "1"\nrule = [1]',
        'version = "1"\nother = 1\n[[rule]]\nname = "r"\nmethod = "even"',
        'version = "1"\n[[rule]]\nname = "r"\nmethod = "even"\n[[rule]]\nname = "r"\nmethod = "even"',
        "version = ",
        "version = " + "9" * 5000,
        "version = " + "[" * 5000,
    ],
)
def test_a_text_that_is_no_rule_file_is_refused(text: str) -> None:
    """No version, no rule, a strange key, a name twice, no TOML: never anything but a SettingsError."""
    with pytest.raises(SettingsError, match=r"rules\.toml"):
        parse(text, name="rules.toml")


TWICE = (
    'version = "1"\n[[rule]]\nname = "r"\nmethod = "even"\n{0}\n[[rule]]\nname = "r"\nmethod = "even"\n{1}'
)


def test_a_rule_that_changes_has_two_entries() -> None:
    """The end is the first month in which the earlier one does not hold."""
    text = TWICE.format('valid_until = "2026-07"', 'valid_from = "2026-07"')
    first, second = parse(text, name="rules.toml").rules
    assert first.valid_until == second.valid_from == datetime(2026, 7, 1, tzinfo=UTC)
    assert (first.valid_from, second.valid_until) == (None, None)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("", 'valid_from = "2026-07"'),
        ('valid_until = "2026-08"', 'valid_from = "2026-07"'),
        ('valid_from = "2026-07"\nvalid_until = "2026-08"', ""),
    ],
)
def test_two_entries_of_one_name_never_hold_in_one_month(one: str, other: str) -> None:
    """In either order of the file."""
    for pair in ((one, other), (other, one)):
        with pytest.raises(SettingsError, match=r"rules\.toml: 'r' comes twice: each rule has its own name"):
            parse(TWICE.format(*pair), name="rules.toml")


UNITS = 'version = "1"\n[[rule]]\nname = "r"\nmethod = "even"\n[[unit_cost]]\n'


def test_unit_costs_stand_beside_the_rules() -> None:
    """They have a name, a metric, how it is combined and which charges count; rules keep their id."""
    text = UNITS + 'name = "GPU"\nmetric = "gpu_hours"\nwhere = { ServiceName = "EC2" }\n'
    found = parse(text + '[[unit_cost]]\nname = "C"\nmetric = "customers"\ncombined = "mean"', name="r.toml")
    gpu, customers = found.unit_costs
    assert (gpu.metric, gpu.combined, dict(gpu.where)) == ("gpu_hours", "sum", {"ServiceName": ("EC2",)})
    assert (customers.metric, customers.combined, dict(customers.where)) == ("customers", "mean", {})
    assert found.id == parse(UNITS.partition("[[unit_cost]]")[0], name="r.toml").id


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            'name = "a"',
            "unit cost 1: no metric: it has the keys name, metric, perhaps others of name, metric, combined",
        ),
        ('name = "a"\nmetric = "m"\nunit = 1', "unit cost 1: 'unit'"),
        ('name = "a"\nmetric = ""', "unit cost 1: no metric"),
        ('name = "a"\nmetric = "m"\ncombined = "max"', "combined 'max': it is one of sum, mean"),
        (
            'name = "a"\nmetric = "m"\n[[unit_cost]]\nname = "a"\nmetric = "n"',
            "'a' twice: each unit cost has a name of its own",
        ),
    ],
)
def test_a_unit_cost_that_is_none_is_refused(entry: str, said: str) -> None:
    """With the entry, the value and the rule that it breaks."""
    with pytest.raises(SettingsError) as caught:
        parse(UNITS + entry, name="rules.toml")
    assert said in str(caught.value)

"""The Rego of a bundle: its package and id are those that are stated, and it reaches for nothing outside."""

from __future__ import annotations

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.bundle_rego import check_rego
from tests.policy.bundles import MAIN, TAG

POLICIES = {"tags/team.rego": ("finops.rules.tags.team", "TAG-001")}


def check(tag: str = TAG, main: str = MAIN, **more: str) -> None:
    texts = {
        "tags/team.rego": tag,
        "main.rego": main,
        **{f"{name}.rego": text for name, text in more.items()},
    }
    check_rego(texts, policies=POLICIES, libraries=[f"{name}.rego" for name in more], main="main.rego")


def test_what_is_as_stated_passes() -> None:
    """A library has a package of its own; names that only look like a clock are no clock."""
    check(lib="package finops.lib.shared\nrandom := 1\nopaque := random + 1\n")


@pytest.mark.parametrize(
    "call",
    [
        'http.send({"url": "https://evil.example"})',
        "time.now_ns()",
        'rand.intn("x", 10)',
        "opa.runtime()",
        'net.lookup_ip_addr("evil.example")',
        'uuid.rfc4122("x")',
        'io.jwt.decode("x")',
    ],
)
def test_clock_chance_and_network_are_refused(call: str) -> None:
    """The same input has always the same verdict, and nothing leaves the machine."""
    with pytest.raises(
        PolicyError, match="a policy knows its input and its data: no clock, chance or network"
    ):
        check(TAG + f"\nx := {call}\n")


@pytest.mark.parametrize(
    ("tag", "main", "said"),
    [
        (TAG.replace("tags.team", "tags.other"), MAIN, "package 'finops.rules.tags.other': it is the one"),
        (
            TAG.replace("TAG-001", "TAG-009"),
            MAIN,
            "id 'TAG-009': it is the one that bundle.yaml states, TAG-001",
        ),
        (TAG.replace("deny contains", "other contains"), MAIN, "it has a rule deny or approve"),
        (TAG.replace("applies if", "so if"), MAIN, "it has a rule applies"),
        (TAG, MAIN.replace("finops.main", "finops.other"), "package 'finops.other'"),
        (TAG, "package finops.main\nx := 1\n", "it has a rule decision"),
        (TAG + "\nx := {", MAIN, "each policy compiles"),
    ],
)
def test_what_differs_from_what_is_stated_is_refused(tag: str, main: str, said: str) -> None:
    """Package, id, and the rules that main reads."""
    with pytest.raises(PolicyError, match=said):
        check(tag, main)


def test_a_library_keeps_to_its_own_packages() -> None:
    """It cannot add rules to a policy."""
    with pytest.raises(PolicyError, match=r"the package of a library starts with finops\.lib\."):
        check(lib="package finops.rules.tags.team\ndeny contains {} if false\n")


@pytest.mark.parametrize("text", ["%f", "%.2f", "%e", "%-8.3g"])
def test_formats_that_engines_write_differently_are_refused(text: str) -> None:
    """Only numbers with decimals are concerned."""
    with pytest.raises(
        PolicyError, match="numbers with decimals are written differently by different engines"
    ):
        check(TAG + f'\nx := sprintf("{text} USD", [1.5])\n')
    check(TAG + '\nx := sprintf("%v of %d %s", [1, 2, "a"])\n')

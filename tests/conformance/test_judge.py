"""How the judge's words are read, and what may excuse a failed rule."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.conformance.__main__ import SAMPLES
from tests.conformance.judge import KINDS, KNOWN, Known, Ruling, findings, known_rules, rulings, stale

PRINTED = """
=== Validation Results ===
Total: 5 | Pass: 1 | Fail: 3 | Skipped: 1
❌ BilledCost-C-000-M: FAIL  (violations=1, msg=BilledCost-C-000-M: AND failed - failed child rules: [Tags-C-003-C, BilledCost-C-005-C])
❌ BilledCost-C-005-C: FAIL  (violations=3, msg=BilledCost MUST equal '0'., 8.5ms)
❌ Tags-C-003-C: FAIL  (violations=0, msg=Tags-C-003-C: OR failed - all child rules failed: [model_rule_reference#1])
⏭️ Tags-C-004-M: SKIPPED  (violations=0, reason=Rule skipped - dynamic (x), msg=Rule skipped - dynamic (x))
✅ Tags-C-001-M: PASS  (violations=0, 0.7ms)

--- Failures ---
- BilledCost-C-005-C: violations=3; BilledCost MUST equal '0'.
  MustSatisfy: BilledCost is 0 for a third party.
- Tags-C-003-C: violations=0; Tags-C-003-C: OR failed
  MustSatisfy: Tags are like this:
"""  # noqa: E501  # as the judge prints it
RULED = rulings(PRINTED)
BARE_BILL = """CREATE VIEW bill AS SELECT * FROM (VALUES
  ('AWS', DATE '2026-07-01', 'Purchase', 'arn:1', '111', 2),
  ('Oracle', DATE '2026-08-01', 'Usage', NULL, '1', 1)
) AS row (ProviderName, BillingPeriodStart, ChargeCategory, CommitmentDiscountId, SubAccountId, BilledCost)
CROSS JOIN (
  SELECT NULL AS InvoiceId, NULL AS EffectiveCost, NULL AS PricingCurrencyEffectiveCost, NULL AS ListCost,
  NULL AS BillingAccountName, NULL AS SubAccountName, NULL AS ServiceName, NULL AS x_CostView,
  NULL AS x_ChargeType
)"""
ENTRY = Known("BilledCost-C-005-C", ("focus",), "false alarm", "It means another.", "BilledCost > 0")


def nothing(_: str) -> int:
    """Let every condition hold."""
    return 0


def test_the_judges_words_become_rulings() -> None:
    """Results, the rule in words, and of a rule of rules its failed parts."""
    assert {rule: item.result for rule, item in RULED.items()} == {
        "BilledCost-C-000-M": "FAIL",
        "BilledCost-C-005-C": "FAIL",
        "Tags-C-003-C": "FAIL",
        "Tags-C-004-M": "SKIPPED",
        "Tags-C-001-M": "PASS",
    }
    assert RULED["BilledCost-C-005-C"].words == "BilledCost is 0 for a third party."
    assert RULED["BilledCost-C-000-M"].parts == ("Tags-C-003-C", "BilledCost-C-005-C")
    assert RULED["Tags-C-003-C"].parts == ()


@pytest.mark.parametrize(
    "printed", ["", "Traceback", PRINTED.replace("✅ Tags-C-001-M: PASS", "✅ Tags-C-001-M: DONE")]
)
def test_a_result_that_cannot_be_read_is_no_pass(printed: str) -> None:
    """Neither silence nor a line in other words counts as good."""
    with pytest.raises(ValueError, match="judge"):
        rulings(printed)


def test_what_is_not_known_fails() -> None:
    """Without a list the leaf and the rule of opaque parts fail; the rule of named parts follows them."""
    found = {item.rule: (item.excused, item.result, item.reason) for item in findings(RULED, {}, nothing)}
    assert found == {
        "BilledCost-C-000-M": (True, "follows", "Tags-C-003-C, BilledCost-C-005-C"),
        "BilledCost-C-005-C": (False, "FAILED", "BilledCost is 0 for a third party."),
        "Tags-C-003-C": (False, "FAILED", "Tags are like this:"),
    }


def test_a_known_rule_is_excused_while_its_condition_holds() -> None:
    """Two rows of which it is not true make the rule fail again, and are counted."""
    known = {ENTRY.rule: ENTRY}
    kept = {item.rule: item for item in findings(RULED, known, nothing)}[ENTRY.rule]
    assert (kept.excused, kept.result, kept.reason) == (True, "false alarm", "It means another.")
    asked: list[str] = []
    broken = findings(RULED, known, lambda holds: asked.append(holds) or 2)  # type: ignore[func-returns-value]
    found = {item.rule: item for item in broken}[ENTRY.rule]
    assert (found.excused, found.result) == (False, "FAILED: not as known in 2 rows")
    assert asked == ["BilledCost > 0"]


def test_a_rule_of_rules_whose_part_did_not_fail_fails_itself() -> None:
    """It can follow only from rules that are listed as failed."""
    alone = {"A-C-000-M": Ruling("A-C-000-M", "FAIL", "said", "", ("A-C-001-M",))}
    assert [(item.excused, item.reason) for item in findings(alone, {}, nothing)] == [(False, "said")]


def test_an_entry_that_no_rule_needs_is_said() -> None:
    """A rule that passes, and one the judge no longer has."""
    assert stale(RULED, ["Tags-C-001-M", "Gone-C-001-M", "BilledCost-C-005-C"]) == [
        "Gone-C-001-M",
        "Tags-C-001-M",
    ]


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_list_argues_each_rule(sample: str) -> None:
    """Every entry has a kind, a reason and a condition, and is of a sample that is judged."""
    known = known_rules(sample)
    assert {item.kind for item in known.values()} <= set(KINDS)
    assert "InvoiceId-C-004-C" in known
    assert {name for item in known.values() for name in item.samples} <= set(SAMPLES)


def test_what_a_source_cannot_say_is_excused_for_that_source_alone() -> None:
    """A row of AWS that lacks all that others may lack breaks every such condition."""
    excused = [item for item in known_rules("whole").values() if item.kind == "source cannot say"]
    with duckdb.connect() as bill:
        bill.execute(BARE_BILL)
        asked = ", ".join(f"({item.holds}) IS TRUE" for item in excused)
        told = bill.execute(f"SELECT {asked} FROM bill WHERE ProviderName = 'AWS'").fetchall()  # noqa: S608  # of known.toml
    assert told == [(False,) * len(excused)]
    assert excused


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('kind = "false alarm"', 'kind = "odd"'),
        ('reason = "R"', 'reason = ""'),
        ('holds = "H"', 'holds = ""'),
    ],
)
def test_an_entry_without_an_argument_is_refused(tmp_path: Path, old: str, new: str) -> None:
    """No kind, no reason or no condition: no excuse; and no rule is argued twice."""
    whole = '[[known]]\nrule = "A"\nsamples = ["focus"]\nkind = "false alarm"\nreason = "R"\nholds = "H"\n'
    path = tmp_path / KNOWN.name
    path.write_text(whole)
    assert known_rules("focus", path=path)["A"].reason == "R"
    assert known_rules("cur", path=path) == {}
    path.write_text(whole.replace(old, new))
    with pytest.raises(ValueError, match="A lacks"):
        known_rules("focus", path=path)
    path.write_text(whole * 2)
    with pytest.raises(ValueError, match="A is there twice"):
        known_rules("focus", path=path)

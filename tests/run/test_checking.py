"""May a change be merged: the sample company's repository, with faults it must not get, and clean changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from finops_lib.errors import PolicyError, SettingsError
from finops_lib.records import Reason, Verdict
from finops_lib.run.check_asked import Asked, Prices, Rules
from finops_lib.run.checking import Answer, check, fresh
from tests.run.estate_repository import API, BUCKET, MODULE, STORAGE, TEMPLATE, Estate

THURSDAY = datetime(2026, 11, 26, 10, tzinfo=UTC)
PRICES = Prices.read()


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    yield Estate(tmp_path_factory.mktemp("checking"))


def ask(estate: Estate, head: str, *, at: datetime = THURSDAY, **more: Any) -> Answer:
    rules = more.pop("rules", None) or Rules.read()
    return check(Asked(estate.folder, "main", head, at, rules, PRICES, **more))


def denials(answer: Answer) -> set[tuple[str, str]]:
    """Rule and address of every denial."""
    return {
        (reason.rule, reason.subject)
        for one in answer.judged
        if one.verdict.outcome == "deny"
        for reason in one.verdict.reasons
    }


def test_a_clean_change_is_allowed(estate: Estate) -> None:
    """A new image, and a small cut with what it saves."""
    image = ask(estate, estate.branch("clean", API, "parcel-api:1.10.0", "parcel-api:1.10.1"))
    assert (image.checked.outcome, image.checked.passed, image.checked.findings) == ("allow", True, ())
    assert image.paths == (API,)
    cut = ask(estate, estate.branch("cut", API, "cpu: 1\n", "cpu: 900m\n"))
    assert cut.checked.passed
    assert cut.checked.cost is not None
    assert cut.checked.cost.total["USD"] < 0


@pytest.mark.parametrize("form", ["resource", "module", "template", "switched off"])
def test_an_unencrypted_bucket_is_denied_in_each_form(estate: Estate, form: str) -> None:
    """A resource, a call of a module, a template, and one whose encryption is taken away."""
    if form == "template":
        head = estate.before_outputs("bucket", "cloudformation/staging.yaml", TEMPLATE)
    elif form == "switched off":
        block = (estate.folder / STORAGE).read_text(encoding="utf-8")
        start = block.index("  server_side_encryption_configuration {")
        end = block.index("  tags", start)
        head = estate.branch("bucket", STORAGE, block[start:end], "")
    else:
        head = estate.branch("bucket", STORAGE, "", BUCKET if form == "resource" else MODULE)
    answer = ask(estate, head)
    assert not answer.checked.passed
    assert {rule for rule, _ in denials(answer)} >= {"SEC-001"}


def test_a_missing_tag_is_denied_at_its_line(estate: Estate) -> None:
    """The resource is named with its file."""
    answer = ask(estate, estate.branch("tag", STORAGE, '    "team" = "DATA"\n', ""))
    subject = "terraform/accounts/dev:aws_s3_bucket.unnamed_148"
    assert ("TAG-001", subject) in denials(answer)
    places = {(one.file, one.line) for one in answer.checked.findings if one.rule == "TAG-001"}
    assert places == {(STORAGE, 2)}


def test_a_change_during_a_freeze_is_denied(estate: Estate) -> None:
    """The same change is allowed on a Thursday in November: the moment comes in."""
    head = estate.branch("frozen", "terraform/accounts/prod-web/main.tf", "", "# a note\n")
    head = estate.branch("frozen", API, "checkout\n", "checkout\n  annotations: {environment: prod}\n")
    head = estate.branch(
        "frozen",
        API,
        "{app: parcel-api, team: checkout}",
        "{app: parcel-api, team: checkout, environment: prod}",
    )
    assert not denials(ask(estate, head))
    frozen = ask(estate, head, at=datetime(2026, 12, 24, 10, tzinfo=UTC))
    assert {rule for rule, _ in denials(frozen)} == {"OPS-001"}
    assert not frozen.checked.passed


def test_a_cut_that_is_too_deep_is_denied(estate: Estate) -> None:
    """Nine tenths of a core and of the memory."""
    old = "cpu: 1\n              memory: 2Gi"
    answer = ask(estate, estate.branch("deep", API, old, "cpu: 100m\n              memory: 256Mi"))
    assert {rule for rule, _ in denials(answer)} == {"OPS-005"}


def test_what_a_change_takes_from_a_neighbour_counts(estate: Estate) -> None:
    """Two resources that belong together: the one that stays is judged again, for what is new alone."""
    text = """
resource "aws_s3_bucket" "pair" {
  bucket = "pair"
  tags = { team = "data", environment = "dev", "cost-center" = "CC-1100" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "pair" {
  bucket = aws_s3_bucket.pair.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}
"""
    head = estate.branch("pair", "terraform/accounts/dev/pair.tf", "", text)
    assert "SEC-001" not in {rule for rule, _ in denials(ask(estate, head))}
    (estate.folder / "terraform/accounts/dev/pair.tf").write_text(
        text.partition('resource "aws_s3_bucket_server')[0]
    )
    estate.commit("Take its encryption away")
    rules = Rules.read()
    answer = check(Asked(estate.folder, "pair~1", "pair", THURSDAY, rules, PRICES))
    assert ("SEC-001", "terraform/accounts/dev:aws_s3_bucket.pair") in denials(answer)


def test_secrets_and_unreadable_files_of_a_change_fail_it(estate: Estate) -> None:
    """A key in a file, broken Terraform, and a link."""
    secret = ask(estate, estate.branch("secret", "ci.env", "", "AWS_KEY=AKIAIOSFODNN7EXAMPLF\n"))
    assert {one.check for one in secret.checked.findings if one.level == "error"} == {"secrets"}
    assert "AKIAIOSFODNN7EXAMPLF" not in str(secret.checked.to_json())
    broken = ask(estate, estate.branch("broken", STORAGE, "", "\nresource {{\n"))
    assert ("inventory/unreadable", STORAGE) in {(one.rule, one.file) for one in broken.checked.findings}
    assert not broken.checked.passed
    estate.git("checkout", "-q", "-B", "link", "main")
    (estate.folder / "l").symlink_to("/etc/passwd")
    estate.commit("A link")
    assert [(one.rule, one.file) for one in ask(estate, "link").checked.findings] == [
        ("inventory/left-out", "l")
    ]


def test_what_cannot_be_merged_is_an_error_that_names_the_files(estate: Estate) -> None:
    """A conflict, and a commit that is not there."""
    estate.branch("one", API, "parcel-api:1.10.0", "parcel-api:2")
    estate.branch("two", API, "parcel-api:1.10.0", "parcel-api:3")
    with pytest.raises(PolicyError, match=r"parcel-api\.yaml: .* merges into .* without a conflict"):
        check(Asked(estate.folder, "one", "two", THURSDAY, Rules.read(), PRICES))
    with pytest.raises(SettingsError, match="nowhere"):
        ask(estate, "nowhere")


def test_only_what_is_new_counts_for_what_is_not_touched() -> None:
    """A neighbour that was denied before for the same reason is not denied by this change."""
    old, new = Reason("A-1", "x", "a"), Reason("A-2", "y", "a")

    def said(*reasons: Reason) -> Verdict:
        outcome = "deny" if reasons else "allow"
        return Verdict(outcome, reasons, ("A-1",), (), (), "ab", "cd", "x", "")

    assert fresh(said(old), said(old)).outcome == "allow"
    assert fresh(said(old, new), said(old)).reasons == (new,)
    assert fresh(said(old), said()).outcome == "deny"
    assert fresh(said(old), None).outcome == "deny"

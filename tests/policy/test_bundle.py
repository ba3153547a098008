"""Bundles are read strictly: whatever is missing, unknown, double or other than pinned is an error."""

from __future__ import annotations

from pathlib import Path

import pytest

from finops_lib.errors import PolicyError
from finops_lib.policy.bundle import read_bundle, shipped
from finops_lib.policy.bundle_files import digest, files_of
from tests.policy.bundles import FILES, TOP, folder_with, small


def test_a_bundle_holds_its_policies_data_and_digest(tmp_path: Path) -> None:
    """The digest is that of all its files; an older one is not taken for it."""
    bundle = small(tmp_path)
    assert (bundle.name, bundle.version, bundle.data) == ("small", "1.2.0", {"thresholds": {"most": 10}})
    assert [(one.id, one.stage, one.owner) for one in bundle.policies] == [
        ("TAG-001", "enforce", "finops"),
        ("COST-001", "enforce", "finops"),
    ]
    assert bundle.canaries == ({}, {"resource": {"address": "a", "tags": {}}})
    assert bundle.sha256 == digest(files_of(tmp_path))
    assert read_bundle(tmp_path, pinned=bundle.sha256.upper()) == bundle


def test_a_tampered_bundle_is_refused(tmp_path: Path) -> None:
    """One threshold was raised: the digest is not the pinned one."""
    pinned = small(tmp_path).sha256
    (tmp_path / "data.yaml").write_text("thresholds: {most: 11}\n", encoding="utf-8")
    with pytest.raises(PolicyError, match=rf"it is the pinned one, {pinned}\. Remedy: put the bundle back"):
        read_bundle(tmp_path, pinned=pinned)
    with pytest.raises(PolicyError, match="a sha256 has 64 hexadecimal digits"):
        read_bundle(tmp_path, pinned="abc")


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("bundle.yaml", "name: a\nversion: 1\npolicies: []\n", r"no policies: it lists one or more policies"),
        ("bundle.yaml", "name: a\nversion: 1\n", r"no policies: it lists one or more policies"),
        (
            "bundle.yaml",
            "version: 1\npolicies: [a]\n",
            r"bundle\.yaml: no name: it has the keys name, version",
        ),
        ("bundle.yaml", FILES["bundle.yaml"] + "extra: 1\n", r"key 'extra': it has the keys"),
        ("bundle.yaml", FILES["bundle.yaml"].replace("COST-001", "TAG-001"), r"id 'TAG-001' twice"),
        (
            "bundle.yaml",
            FILES["bundle.yaml"].replace("owner: finops,", "owner: '',"),
            r"policy 1: no owner",
        ),
        ("bundle.yaml", FILES["bundle.yaml"].replace("id: TAG-001", "id: tag"), r"id 'tag': it is capitals"),
        ("bundle.yaml", TOP.replace("STAGE", "soon"), r"stage 'soon': it is one of enforce, shadow, canary"),
        (
            "bundle.yaml",
            TOP.replace("STAGE", "canary"),
            r"canary_percent 'None': a policy in canary stage says",
        ),
        ("bundle.yaml", FILES["bundle.yaml"].replace("version: 1.2.0", "version: 1.2"), r"1\.10 is a text"),
        (
            "bundle.yaml",
            FILES["bundle.yaml"].replace("tags/team", "other/team"),
            r"it is the area, / and the name",
        ),
        ("bundle.yaml", "a: [", r"it is YAML in UTF-8"),
        (
            "tags/team.rego",
            FILES["tags/team.rego"].replace("TAG-001", "TAG-002"),
            r"id 'TAG-002': it is the one",
        ),
        ("tags/team.rego", 'package finops.rules.tags.team\nid := "TAG-001"\n', r"it has a rule applies"),
        ("tags/team.rego", "package finops.rules.tags.team\ndeny contains", r"each policy compiles"),
        (
            "tags/team.rego",
            FILES["tags/team.rego"] + "\nlate if time.now_ns() > 1\n",
            r"no clock, chance or network",
        ),
        (
            "tags/team.rego",
            FILES["tags/team.rego"] + '\nx := sprintf("%f", [1])\n',
            r"numbers with decimals are written",
        ),
        ("tags/extra.rego", "package x\n", r"file 'tags/extra\.rego': bundle\.yaml names each Rego file"),
        ("data.yaml", "finops: {}\n", r"none of them called finops"),
        ("canaries.yaml", "[]\n", r"canaries\.yaml: it lists inputs that must be denied"),
    ],
)
def test_what_breaks_a_rule_is_named(tmp_path: Path, file: str, text: str, said: str) -> None:
    """And nothing is evaluated."""
    folder_with(tmp_path)
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError, match=said):
        read_bundle(tmp_path)


@pytest.mark.parametrize("file", ["bundle.yaml", "main.rego", "tags/team.rego", "data.yaml", "canaries.yaml"])
def test_a_file_that_is_missing_is_named(tmp_path: Path, file: str) -> None:
    """Each of those that a bundle needs."""
    folder_with(tmp_path)
    (tmp_path / file).unlink()
    with pytest.raises(PolicyError, match="Remedy: add it"):
        read_bundle(tmp_path)


def test_the_shipped_bundle_is_one() -> None:
    """Every area of policies is in it, each enforced."""
    bundle = shipped()
    assert {policy.id.split("-")[0] for policy in bundle.policies} == {
        "ACC",
        "COST",
        "DUTY",
        "ENV",
        "OPS",
        "SEC",
        "TAG",
    }
    assert {policy.stage for policy in bundle.policies} == {"enforce"}

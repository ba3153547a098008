"""All that a repository declares: nothing of the sample company is missed, what is unreadable is told."""

from __future__ import annotations

import json
from pathlib import Path

from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.read import Inventory, read
from finops_lib.policy.inventory.tree import Tree, tree_of

SAMPLES = Path(__file__).resolve().parents[3] / "data" / "samples"


def test_every_resource_of_the_sample_company_is_found_on_its_line() -> None:
    """Those that its truth names, in Terraform, templates, manifests, overlays and charts; no fault."""
    found = read(tree_of(SAMPLES / "repository"))
    truth = json.loads((SAMPLES / "truth-repository.json").read_text(encoding="utf-8"))["resources"]
    places = {(one.file, one.line) for one in found.resources}
    assert [one for one in truth.values() if (one["path"], one["line"]) not in places] == []
    assert len(truth) > 200
    assert found.faults == ()
    assert {one.source for one in found.resources} == {
        "terraform",
        "cloudformation",
        "kubernetes",
        "kustomize",
        "helm",
    }
    assert all(one.owner for one in found.resources)
    assert "@lantern/platform" in found.owners
    assert len(found.rendered) == 2


def test_each_reader_tells_what_it_cannot_read() -> None:
    """A file is never passed over in silence; the others are read all the same."""
    tree = Tree(
        {
            "a.tf": b'resource "aws_s3_bucket" {',
            "b.yaml": b"AWSTemplateFormatVersion: [",
            "c.yaml": b"apiVersion: v1\nkind: [\n",
            "d/kustomization.yaml": b"resources: [https://evil.example/x]",
            "e/Chart.yaml": b"",
            "e/values.yaml": b"a: [",
            "CODEOWNERS": b"!x @o\n* @o/all\n",
            "good.yaml": b"apiVersion: v1\nkind: Service\nmetadata: {name: a}\n",
        }
    )
    found = read(tree)
    assert {fault.file for fault in found.faults} == {
        "a.tf",
        "b.yaml",
        "c.yaml",
        "d/kustomization.yaml",
        "e/values.yaml",
        "CODEOWNERS",
    }
    assert [(one.address, one.owner) for one in found.resources] == [("good.yaml:Service/a", "@o/all")]


def test_an_address_names_one_thing() -> None:
    """The second of one address is a fault, whichever readers they are of."""
    text = b"apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: A, metadata: {name: a}}\n"
    found = read(Tree({"a.yaml": text + b"- {apiVersion: v1, kind: A, metadata: {name: a}}\n"}))
    assert [one.address for one in found.resources] == ["a.yaml:A/a", "a.yaml:A/a#2"]
    assert found.faults == (Fault("a.yaml", 5, "A/a is declared twice"),)


def test_nothing_declares_nothing() -> None:
    """An empty repository."""
    assert read(Tree({})) == Inventory()

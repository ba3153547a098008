"""Manifests in a repository: what is read, what is passed over on purpose, and what is told as a fault."""

from __future__ import annotations

from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.kubernetes import resources_of
from finops_lib.policy.inventory.tree import Tree

SERVICE = b"apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n"


def test_yaml_and_json_are_read_with_file_line_and_environment() -> None:
    """The environment of the path counts where no label tells one."""
    as_json = b'{"apiVersion": "v1",\n "kind": "Service",\n "metadata": {"name": "j"}}'
    found = resources_of(Tree({"prod/a.yaml": b"# note\n" + SERVICE, "b.json": as_json}))
    assert [(one.address, one.file, one.line, one.environment) for one in found.resources] == [
        ("b.json:Service/j", "b.json", 2, ""),
        ("prod/a.yaml:shop/Service/web", "prod/a.yaml", 3, "prod"),
    ]


def test_templates_values_and_pieces_of_overlays_are_passed_over() -> None:
    """Templates are named; what an overlay renders is judged as rendered."""
    tree = Tree(
        {
            "c/Chart.yaml": b"apiVersion: v2\nname: c\n",
            "c/values.yaml": b"apiVersion: v1\nkind: X\n",
            "c/templates/t.yaml": b"{{ if x }}\napiVersion: v1\n",
            "o/kustomization.yaml": b"resources: [s.yaml]\n",
            "o/s.yaml": SERVICE,
        }
    )
    found = resources_of(tree)
    assert (found.resources, found.faults, found.skipped) == ((), (), ("c/templates/t.yaml",))


def test_a_manifest_that_cannot_be_read_is_a_fault() -> None:
    """Broken YAML, braces of a template, another encoding; files without a trace of an object are not."""
    tree = Tree(
        {
            "a.yaml": b"apiVersion: v1\nkind: [\n",
            "b.yaml": b"apiVersion: {{ x }}\n",
            "c.yaml": "apiVersion: v1".encode("utf-16"),
            "d.yaml": b"just: settings\n",
            "e.json": b"{// settings of an editor\n}",
        }
    )
    found = resources_of(tree)
    assert found.resources == ()
    assert [fault.file for fault in found.faults] == ["a.yaml", "b.yaml", "c.yaml"]
    assert "it has template braces, so judge what is rendered from it" in found.faults[1].reason
    assert found.faults[2] == Fault("c.yaml", 1, "it is not UTF-8")


def test_letters_written_as_escapes_do_not_hide_an_object() -> None:
    """A key may be written so that its words do not stand in the file."""
    text = b'"\\u0061piVersion": v1\n"k\\u0069nd": Service\n"met\\u0061data": {name: hidden}\n'
    [found] = resources_of(Tree({"a.yaml": text})).resources
    assert found.address == "a.yaml:Service/hidden"

"""Which overlays there are and which files they need; what would be fetched is a fault before that."""

from __future__ import annotations

import pytest

from finops_lib.policy.inventory.found import Fault
from finops_lib.policy.inventory.kustomizations import generator_line, kustomizations
from finops_lib.policy.inventory.tree import Tree

OBJECT = b"apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"


def tree(**files: str) -> Tree:
    return Tree({path.replace("__", "/"): text.encode() for path, text in files.items()})


def overlays(found: Tree) -> dict[str, list[str]]:
    return {one.folder: sorted(files) for one, files in kustomizations(found).overlays.items()}


def test_a_folder_that_another_builds_on_is_no_overlay_of_its_own() -> None:
    """The overlay needs the files of its base too."""
    files = {
        "base/kustomization.yaml": b"resources: [s.yaml]",
        "base/s.yaml": OBJECT,
        "prod/kustomization.yml": b"resources: [../base]\npatches: [{path: p.yaml}]",
        "prod/p.yaml": b"x: 1",
        "alone/Kustomization": b"configMapGenerator: [{name: c, files: [k=f.txt], envs: [e.env]}]",
        "alone/f.txt": b"",
        "alone/e.env": b"",
    }
    assert overlays(Tree(files)) == {
        "prod": ["base/kustomization.yaml", "base/s.yaml", "prod/kustomization.yml", "prod/p.yaml"],
        "alone": ["alone/Kustomization", "alone/e.env", "alone/f.txt"],
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("https://evil.example/x", "'https://evil.example/x' is elsewhere, and nothing is fetched"),
        ("github.com/a/b?ref=main", "'github.com/a/b?ref=main' is elsewhere, and nothing is fetched"),
        ("git@host:a/b", "'git@host:a/b' is elsewhere, and nothing is fetched"),
        ("../../etc", "'../../etc' leads out of the repository"),
        ("/etc", "'/etc' leads out of the repository"),
        ("gone.yaml", "'gone.yaml' is no file of the repository and no folder that can be rendered"),
        (
            "host.example/a",
            "'host.example/a' is no file of the repository and no folder that can be rendered",
        ),
    ],
)
def test_what_is_not_in_the_repository_is_a_fault_at_its_line(line: str, reason: str) -> None:
    """Kustomize would fetch it; the overlay is not rendered."""
    found = kustomizations(tree(**{"a__kustomization.yaml": f"namespace: x\nresources:\n- {line}\n"}))
    assert found.faults == (Fault("a/kustomization.yaml", 2, reason),)
    assert found.overlays == {}


def test_charts_and_plugins_with_addresses_are_not_run() -> None:
    """A chart needs a program that fetches; a plugin's own file could name an address."""
    found = kustomizations(
        Tree(
            {
                "a/kustomization.yaml": b"helmCharts: [{name: x}]",
                "b/kustomization.yaml": b"generators: [g.yaml]",
                "b/g.yaml": b"repo: https://evil.example",
            }
        )
    )
    assert [fault.reason for fault in found.faults] == [
        "helmCharts needs a chart rendered, which is not done here",
        "a plugin with an address on the network is not run",
    ]
    assert found.overlays == {}


def test_circles_two_files_and_unreadable_ones_are_faults() -> None:
    """None of them is rendered."""
    found = kustomizations(
        Tree(
            {
                "a/kustomization.yaml": b"resources: [../b]",
                "b/kustomization.yaml": b"resources: [../a]",
                "c/kustomization.yaml": b"",
                "d/kustomization.yaml": b"resources: []",
                "d/Kustomization": b"resources: []",
                "e/kustomization.yaml": b"resources: [",
            }
        )
    )
    reasons = {(fault.file, fault.reason.partition(":")[0]) for fault in found.faults}
    assert ("a/kustomization.yaml", "it is built on itself, by way of others") in reasons
    assert ("b/kustomization.yaml", "it is built on itself, by way of others") in reasons
    assert ("c/kustomization.yaml", "it is no single mapping") in reasons
    assert ("d/kustomization.yaml", "its folder has two files of this kind") in reasons
    assert ("e/kustomization.yaml", "it is no YAML") in reasons
    assert set(overlays(tree(x__kustomization__yaml="a"))) == set()


def test_a_component_is_a_part_and_named_where_no_overlay_uses_it() -> None:
    """It cannot be rendered on its own."""
    files = {
        "used/kustomization.yaml": b"kind: Component",
        "unused/kustomization.yaml": b"kind: Component",
        "o/kustomization.yaml": b"components: [../used]",
    }
    found = kustomizations(Tree(files))
    assert [one.folder for one in found.overlays] == ["o"]
    assert found.skipped == ("unused/kustomization.yaml",)


def test_what_is_generated_stands_on_the_line_of_its_generator() -> None:
    """That with the longest name within the rendered one."""
    text = "configMapGenerator:\n- name: app\n- name: app-extra\nsecretGenerator:\n- name: keys\n"
    [one] = kustomizations(tree(**{"a__kustomization.yaml": text})).overlays
    lines = [generator_line(one, name) for name in ("app-h2k4", "p-app-extra-9d", "keys-1", "other")]
    assert lines == [2, 3, 5, 1]

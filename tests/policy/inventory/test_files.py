"""Which files are for which reader, by name and place alone."""

from __future__ import annotations

import pytest

from finops_lib.policy.inventory.files import (
    charts,
    folder_of,
    is_json,
    is_yaml,
    joined,
    template_paths,
    values_name,
)
from finops_lib.policy.inventory.tree import Tree


def tree(*paths: str) -> Tree:
    return Tree(dict.fromkeys(paths, b""))


def test_endings_in_any_case() -> None:
    """YAML has two, JSON one."""
    assert [is_yaml(path) for path in ("a.yaml", "b.YML", "c.yaml.tpl", "yaml")] == [True, True, False, False]
    assert [is_json(path) for path in ("a.json", "b.JSON", "c.jsonl")] == [True, True, False]


@pytest.mark.parametrize(
    ("folder", "path", "place"),
    [
        ("a/b", "../../c", "c"),
        ("a/b", "../..", ""),
        ("a", "../../c", None),
        ("", "..", None),
        ("a", "/c", None),
        ("a", "b\\c", None),
        ("a", "./b/../c", "a/c"),
    ],
)
def test_a_relative_path_stays_in_the_tree_or_is_none(folder: str, path: str, place: str | None) -> None:
    """Upward steps, absolute paths and backslashes lead out."""
    assert joined(folder, path) == place


def test_templates_are_those_below_a_chart_alone() -> None:
    """A folder ``templates`` without a chart above it holds manifests; one nested in a chart's does not."""
    found = template_paths(
        tree("c/Chart.yaml", "c/templates/a.yaml", "c/templates/x/b.tpl", "templates/d.yaml")
    )
    assert found == {"c/templates/a.yaml", "c/templates/x/b.tpl"}
    assert template_paths(tree("Chart.yaml", "templates/a.yaml")) == {"templates/a.yaml"}
    assert charts(tree("c/Chart.yaml", "Chart.yaml", "d/chart.yaml")) == {"c", ""}


def test_values_say_which_variant_they_are() -> None:
    """With a hyphen, a point or an underscore; another name is no file of values."""
    names = (
        "values.yaml",
        "c/values-prod.yml",
        "values.dev.yaml",
        "values_x.yaml",
        "myvalues.yaml",
        "valuesx.yaml",
    )
    assert [values_name(name) for name in names] == ["", "prod", "dev", "x", None, None]
    assert (folder_of("a/b/c"), folder_of("c")) == ("a/b", "")

"""Which files of a tree are for which reader: charts, their templates and values, and other YAML and JSON."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from finops_lib.policy.inventory.tree import Tree

_YAML = (".yaml", ".yml")
_JSON = ".json"
_CHART = "Chart.yaml"
_VALUES = re.compile(r"values(?:[-._](?P<name>[^/]+))?\.ya?ml", re.IGNORECASE)
_TEMPLATES = "templates"


def is_yaml(path: str) -> bool:
    """Whether a file of this name holds YAML."""
    return path.lower().endswith(_YAML)


def is_json(path: str) -> bool:
    """Whether a file of this name holds JSON."""
    return path.lower().endswith(_JSON)


def folder_of(path: str) -> str:
    """Return the folder that a file or folder is in; empty at the top."""
    return posixpath.dirname(path)


def joined(folder: str, path: str) -> str | None:
    """Which file or folder of a tree does a relative path mean, seen from a folder.

    Parameters
    ----------
    folder, path : str
        With ``/``.

    Returns
    -------
    str or None
        Empty for the top; None for what leads out of the tree.

    Examples
    --------
    >>> joined("a/b", "../c.yaml"), joined("a", ".."), joined("a", "../../c"), joined("a", "/etc/passwd")
    ('a/c.yaml', '', None, None)
    """
    found = posixpath.normpath(posixpath.join(folder, path))
    if found.startswith(("/", "../")) or found == ".." or "\\" in path:
        return None
    return "" if found == "." else found


def charts(tree: Tree) -> frozenset[str]:
    """Which folders are charts of Helm.

    Parameters
    ----------
    tree : Tree
        A repository.

    Returns
    -------
    frozenset of str
    """
    return frozenset(folder_of(path) for path in tree.files if path.rpartition("/")[2] == _CHART)


def template_paths(tree: Tree) -> frozenset[str]:
    """Which files are templates of a chart: text with braces, and no manifests before they are rendered.

    Parameters
    ----------
    tree : Tree
        A repository.

    Returns
    -------
    frozenset of str

    Examples
    --------
    >>> names = ["c/Chart.yaml", "c/templates/x/a.yaml", "templates/b.yaml"]
    >>> sorted(template_paths(Tree(dict.fromkeys(names, b""))))
    ['c/templates/x/a.yaml']
    """
    roots = {f"{folder}/{_TEMPLATES}" if folder else _TEMPLATES for folder in charts(tree)}
    return frozenset(path for path in tree.files if not roots.isdisjoint(_above(path)))


def _above(path: str) -> Iterator[str]:
    folder = folder_of(path)
    while folder:
        yield folder
        folder = folder_of(folder)


def values_name(path: str) -> str | None:
    """Of which variant are the values that a file of this name holds; None for no values of Helm.

    Parameters
    ----------
    path : str
        Of a file.

    Examples
    --------
    >>> values_name("c/values.yaml"), values_name("c/values-staging.yaml"), values_name("c/my.yaml")
    ('', 'staging', None)
    """
    found = _VALUES.fullmatch(path.rpartition("/")[2])
    return None if found is None else found["name"] or ""

"""The project names no machine: no home folder, no package registry, no folder beside it but in one place."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REAL_DATA_NAMED_IN = ".ci/run"
FORBIDDEN = {
    "a folder of one machine": re.compile(r"(?<![\w.}>-])/(?:home|root|Users|work)/\w"),
    "a package registry": re.compile(
        r"\b(?:pypi\.org|pythonhosted\.org|deb\.debian\.org|npmjs\.org|anaconda\.org)\b", re.IGNORECASE
    ),
    "a folder beside the project": re.compile(r"\.\./shared\b"),
}
PIN = re.compile(r"^[a-z0-9][a-z0-9._-]*==\S+( ; .+)? \\$")
HASH = re.compile(r"^ {4}--hash=sha256:[0-9a-f]{64}( \\)?$")


def naming(text: str) -> list[str]:
    """Say which kinds of places this text names."""
    return [kind for kind, pattern in FORBIDDEN.items() if pattern.search(text)]


def tracked() -> dict[str, str]:
    """Read every text file that git keeps or would keep."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    contents = {name: (ROOT / name).read_bytes() for name in names if name and (ROOT / name).is_file()}
    return {name: data.decode() for name, data in contents.items() if b"\0" not in data and is_utf8(data)}


def is_utf8(data: bytes) -> bool:
    """Say whether these bytes are text."""
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def not_pins(text: str) -> list[str]:
    """List the lines that are neither an exact version nor its hash."""
    return [line for line in text.splitlines() if not (PIN.match(line) or HASH.match(line))]


def test_no_file_names_a_machine() -> None:
    """Only .ci/run names the folder of real exports; nothing names a home or a registry."""
    found = {name: naming(text) for name, text in tracked().items()}
    expected = {REAL_DATA_NAMED_IN: ["a folder beside the project"]}
    assert {name: kinds for name, kinds in found.items() if kinds} == expected


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        (("", "home", "ann", "bill.csv"), "a folder of one machine"),
        (('open("', "root", 'x")'), "a folder of one machine"),
        (("https:", "", "pypi" + ".org", "simple"), "a package registry"),
        (("..", "shared", "data"), "a folder beside the project"),
    ],
)
def test_a_named_place_is_found(parts: tuple[str, ...], kind: str) -> None:
    """Each kind of place is seen inside a line."""
    assert naming("see " + "/".join(parts)) == [kind]


def test_ordinary_paths_are_left_alone() -> None:
    """Relative folders, addresses of standards and route names name no machine."""
    assert naming("docs/home/x, https://spdx.org/work/x, ./work/x, {root}/work/x, /etc/ssl") == []


@pytest.mark.parametrize("name", ["constraints.txt", "build-constraints.txt"])
def test_pins_are_versions_and_hashes_alone(name: str) -> None:
    """A file of pins has no address, no path and no option: what it installs is fixed by hash."""
    assert not_pins((ROOT / name).read_text()) == []


@pytest.mark.parametrize("line", ["--find-links x", "a>=1", "a @ file.whl", "a==1", "    --hash=md5:00"])
def test_a_loose_pin_is_found(line: str) -> None:
    """An option, a range, a direct reference and a version without a sha256 are no pins."""
    assert not_pins(line) == [line]


def test_every_requirement_is_pinned() -> None:
    """Product, tests, checks and set-up stand in constraints.txt, the build in its own file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    product = [*project["project"]["dependencies"], *groups["test"], *groups["lint"], *groups["setup"]]
    build = [*project["build-system"]["requires"], *groups["build"]]
    assert unpinned(product, (ROOT / "constraints.txt").read_text()) == []
    assert unpinned(build, (ROOT / "build-constraints.txt").read_text()) == []


def unpinned(requirements: list[str], pins: str) -> list[str]:
    """List the requirements whose name has no pin."""
    names = {line.split("==")[0] for line in pins.splitlines() if "==" in line}
    return [item for item in requirements if plain_name(item) not in names]


def plain_name(requirement: str) -> str:
    """Write the name as an index does: lower case, one hyphen for any of dot, hyphen and underscore."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", requirement)[0]).lower()


def test_a_requirement_without_a_pin_is_found() -> None:
    """A name that only begins another name is not pinned by it."""
    assert unpinned(["panda>=3", "pandas>=3"], "pandas==3.1 \\") == ["panda>=3"]
    assert unpinned(["Ruamel.yaml>=0.1", "a_b"], "ruamel-yaml==0.2 \\\na-c==1") == ["a_b"]

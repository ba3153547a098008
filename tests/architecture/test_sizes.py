"""The sizes the code holds to: short functions, small modules, a docstring and a test file for each."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "finops_lib"
TESTS = ROOT / "tests"
LONGEST_MODULE = 350
LONGEST_FUNCTION, P90_FUNCTION, MEDIAN_FUNCTION = 50, 25, 8

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def lengths(source: str) -> dict[str, int]:
    """Count the lines of each function's body, its docstring left out."""
    found = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            said = node.body[0] if ast.get_docstring(node) else None
            before = said.end_lineno if said and said.end_lineno else node.body[0].lineno - 1
            found[f"{node.name}:{node.lineno}"] = max((node.end_lineno or 0) - before, 1)
    return found


def public(body: list[ast.stmt]) -> Iterator[Definition]:
    """Walk the public functions and classes, and the public methods of public classes."""
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


def unsaid(source: str) -> list[str]:
    """List public names without a docstring; an overload speaks through its function."""
    return [node.name for node in public(ast.parse(source).body) if not ast.get_docstring(node)]


def defines(source: str) -> bool:
    """Say whether there is something to test: a function or a class."""
    return any(isinstance(node, Definition) for node in ast.walk(ast.parse(source)))


def untested(package: Path, tests: Path) -> list[str]:
    """List the modules without a test file at the same place: a/b.py wants a/test_b.py or a/test_b_*.py."""
    missing = []
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package)
        if path.name == "__init__.py":  # a package is tested beside its folder, like the module it could be
            inside = inside.parent
        name, folder = inside.stem.lstrip("_"), tests / inside.parent
        here = [*folder.glob(f"test_{name}.py"), *folder.glob(f"test_{name}_*.py")]
        if defines(path.read_text()) and not here:
            missing.append(str(inside))
    return missing


def sources() -> dict[str, str]:
    """Read the package: path to text."""
    return {str(path.relative_to(ROOT)): path.read_text() for path in sorted(PACKAGE.rglob("*.py"))}


def test_modules_stay_small() -> None:
    """No module is longer than 350 lines."""
    sizes = {name: len(text.splitlines()) for name, text in sources().items()}
    assert {name: size for name, size in sizes.items() if size > LONGEST_MODULE} == {}


def test_functions_stay_short() -> None:
    """No body exceeds 50 lines; half have at most 8, nine in ten at most 25."""
    found = {name: lengths(text) for name, text in sources().items()}
    sizes = {f"{name}:{where}": size for name, bodies in found.items() for where, size in bodies.items()}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FUNCTION} == {}
    assert median(sizes.values()) <= MEDIAN_FUNCTION
    assert quantiles(sizes.values(), n=10)[-1] <= P90_FUNCTION


def test_a_body_is_counted_without_its_docstring() -> None:
    """Three lines after the docstring are three lines; a one-line function is one."""
    source = 'def f(a):\n    """Say.\n\n    More.\n    """\n    a += 1\n\n    return a\ndef g(): ...\n'
    assert lengths(source) == {"f:1": 3, "g:9": 1}


def test_every_public_name_says_what_it_answers() -> None:
    """Each public function, class and method has a docstring."""
    found = {name: unsaid(text) for name, text in sources().items()}
    assert {name: names for name, names in found.items() if names} == {}


def test_a_missing_docstring_is_found() -> None:
    """Public methods count, private names and functions inside functions do not."""
    source = (
        'class A:\n    "A."\n    def f(self): pass\n    def _g(self): pass\ndef h():\n    def i(): pass\n'
    )
    assert unsaid(source) == ["f", "h"]


def test_every_module_has_its_test_file() -> None:
    """The tests mirror the package, folder by folder."""
    assert untested(PACKAGE, TESTS) == []


def test_a_module_without_a_test_file_is_found(tmp_path: Path) -> None:
    """The test must stand in the same folder; a module that defines nothing needs none."""
    package, tests = tmp_path / "package", tmp_path / "tests"
    for folder in (package / "room", tests / "room"):
        folder.mkdir(parents=True)
    (package / "room" / "__init__.py").write_text('"""Only words."""\n')
    for name in ("one", "two", "three"):
        (package / "room" / f"{name}.py").write_text("def f() -> None: ...\n")
    (tests / "room" / "test_one.py").touch()
    (tests / "room" / "test_two_of_it.py").touch()
    (tests / "test_three.py").touch()
    assert untested(package, tests) == ["room/three.py"]

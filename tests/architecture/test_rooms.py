"""What a room may know: pure rooms touch no disk, clock, environment or chance; git has one owner."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "finops_lib"
PURE_ROOMS = ("cost", "anomaly", "forecast", "optimize", "trust")
OUTSIDE_WORLD = frozenset(
    "asyncio glob http io multiprocessing os pathlib random requests secrets shutil signal socket "
    "subprocess sys tempfile threading time urllib".split()
)
CLOCKS = frozenset({"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"})
CLOCK_OWNERS = frozenset({"datetime", "date", "time", "Timestamp"})
NETWORK = frozenset(
    "aiohttp apprise ftplib http httpx requests smtplib socket socketserver urllib3 urllib.request".split()
)
NETWORK_OWNERS = (PACKAGE / "web.py", PACKAGE / "run" / "notify_apprise.py")
# Alerts go to the addresses of a targets file; Prometheus and the server of policies are named by the user.
ASKING = (
    PACKAGE / "web.py",
    *((PACKAGE / "run").glob("notify*.py")),
    *((PACKAGE / "usage" / "prometheus").glob("*.py")),
    PACKAGE / "policy" / "engine" / "server.py",
)
GIT_OWNER = PACKAGE / "change" / "git.py"


def imported(tree: ast.AST) -> Iterator[str]:
    """Name the modules that this code imports, also inside functions, in full."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(tree: ast.AST) -> Iterator[tuple[str, str, ast.Call]]:
    """Name each call: its owner's last name (or nothing), its own name, and the node."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            last = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            yield last, node.func.attr, node
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield "", node.func.id, node


def impurities(source: str) -> list[str]:
    """List what makes this code depend on more than its arguments."""
    tree = ast.parse(source)
    rooms = (name.split(".")[0] for name in imported(tree))
    found = [f"imports {name}" for name in rooms if name in OUTSIDE_WORLD]
    for owner, name, node in called(tree):
        if owner in CLOCK_OWNERS and name in CLOCKS:
            found.append(f"reads the clock: {owner}.{name}")
        if not owner and name in {"open", "input", "print", "exec", "eval", "__import__"}:
            found.append(f"calls {name}")
        if name == "default_rng" and not (node.args or node.keywords):
            found.append("draws random numbers without a seed")
    return found


def network_clients(source: str) -> list[str]:
    """List the imports that can open a connection."""
    names = imported(ast.parse(source))
    return [name for name in names if any(f"{name}.".startswith(f"{client}.") for client in NETWORK)]


def runs_git(source: str) -> bool:
    """Say whether the code holds a command line that starts with git."""
    return any(
        isinstance(node, ast.List | ast.Tuple)
        and bool(node.elts)
        and isinstance(node.elts[0], ast.Constant)
        and node.elts[0].value == "git"
        for node in ast.walk(ast.parse(source))
    )


def modules_of(*folders: Path) -> list[Path]:
    """List the Python files below these folders; a folder that is not there yet has none."""
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def test_pure_rooms_touch_nothing_but_their_arguments() -> None:
    """No module of a pure room imports the outside world, reads a clock or draws without a seed."""
    paths = modules_of(*(PACKAGE / room for room in PURE_ROOMS))
    found = {str(path.relative_to(ROOT)): impurities(path.read_text()) for path in paths}
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert paths, "the pure rooms were not found"


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("import os.path", "imports os"),
        ("def f():\n    from pathlib import Path", "imports pathlib"),
        ("x = datetime.now(UTC)", "reads the clock: datetime.now"),
        ("x = datetime.date.today()", "reads the clock: date.today"),
        ("x = pd.Timestamp.now()", "reads the clock: Timestamp.now"),
        ("x = open('f')", "calls open"),
        ("x = np.random.default_rng()", "draws random numbers without a seed"),
    ],
)
def test_an_impure_line_is_found(source: str, fault: str) -> None:
    """Each way out of a pure room is seen, wherever it stands."""
    assert impurities(source) == [fault]


def test_a_pure_line_is_left_alone() -> None:
    """Arithmetic on dates, a seeded generator and a method called open are no fault."""
    source = "x = start + timedelta(days=1)\ny = np.random.default_rng(seed)\nz = shop.open()\nw = frame.time"
    assert impurities(source) == []


def test_only_one_client_and_the_delivery_of_alerts_import_a_network() -> None:
    """Bills, keys and pages stay on the machine: nothing else in the package can open a connection."""
    others = [path for path in modules_of(PACKAGE) if path not in NETWORK_OWNERS]
    found = {str(path.relative_to(ROOT)): network_clients(path.read_text()) for path in others}
    assert {name: clients for name, clients in found.items() if clients} == {}


def test_only_alerts_prometheus_and_policies_ask_a_service() -> None:
    """The one client is used where messages go out, usage is pulled and policies are asked, nowhere else."""
    others = [path for path in modules_of(PACKAGE) if path not in ASKING]
    asking = [
        str(path.relative_to(ROOT))
        for path in others
        if any(f"{name}.".startswith("finops_lib.web.") for name in imported(ast.parse(path.read_text())))
    ]
    assert asking == []


def test_a_network_client_is_found() -> None:
    """Opening an address is one; taking it apart is none."""
    source = "import http.client\nfrom urllib import request, parse\nimport httpxyz\nimport urllib.parse"
    assert network_clients(source) == ["http.client", "urllib.request"]


def test_git_is_started_in_one_module() -> None:
    """Only change.git builds a git command line."""
    others = [path for path in modules_of(PACKAGE) if path != GIT_OWNER and runs_git(path.read_text())]
    assert others == []


def test_a_git_command_elsewhere_is_found() -> None:
    """A list that starts with git is a command line; the word in a sentence is none."""
    assert runs_git("subprocess.run(['git', 'log'])")
    assert not runs_git("names = ['ours', 'git']; text = 'git'")
